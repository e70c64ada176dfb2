//! Bad input and races: whatever clients do to each other or to the register, somebody is told
//! clearly, in the shape of the face, and nothing is lost.
//!
//! | what | shown by |
//! |---|---|
//! | stale versions | `native_conventions::versions::a_write_that_means_another_version_is_refused_and_told_the_present_one` |
//! | | `native_conventions::versions::a_write_that_means_the_present_version_is_done_once` |
//! | | `trouble::versions::a_change_on_the_other_face_makes_a_version_stale` |
//! | lost updates | `native_conventions::versions::of_many_who_mean_the_same_version_one_changes_it` |
//! | | `trouble::versions::no_change_is_lost_among_many_on_two_servers` |
//! | | `rainbond_teams_races::changes_of_one_team_at_once_are_all_made` |
//! | | `linearizable::what_many_clients_see_could_have_been_one_after_the_other` |
//! | open and disable at once | `trouble::openings::no_region_is_opened_after_it_was_disabled` |
//! | delete and open at once | `trouble::openings::a_region_that_is_deleted_while_it_is_opened_leaves_nothing_behind` |
//! | | `trouble::openings::a_team_that_is_deleted_while_regions_are_opened_for_it_leaves_nothing_behind` |
//! | | `rainbond_teams_races::a_team_that_is_deleted_while_regions_are_opened_for_it_leaves_nothing_behind` |
//! | the same opened, closed, deleted or created at once | `races::a_region_that_many_open_at_once_is_open_once` |
//! | | `rainbond_teams_races::of_many_that_close_a_region_one_does` |
//! | | `rainbond_teams_races::of_many_that_delete_a_team_one_does` |
//! | | `races::of_many_that_create_the_same_one_succeeds_and_the_others_are_told_why` |
//! | a name reused after deletion | `trouble::names::a_region_of_a_name_that_was_deleted_has_nothing_of_the_one_before` |
//! | | `trouble::names::a_name_that_becomes_free_goes_to_one_of_many_who_want_it` |
//! | | `rainbond_manage_deletion::a_name_is_free_again_and_nothing_of_the_region_before_comes_back` |
//! | ids of another enterprise | `rights::everybody_may_do_what_the_table_says_and_what_is_foreign_does_not_exist` |
//! | | `trouble::cursors::a_cursor_of_somebody_else_shows_nothing_that_is_foreign` |
//! | cursors tampered with | `native_conventions::lists::a_cursor_that_was_tampered_with_is_refused` |
//! | | `trouble::cursors::a_cursor_of_somebody_else_shows_nothing_that_is_foreign` |
//! | windows in the past | `native_maintenance::a_time_that_cannot_be_is_refused_naming_the_field` |
//! | | `trouble::times::a_window_that_has_passed_is_neither_planned_nor_moved_there` |
//! | year 9999 | `native_maintenance::a_time_that_cannot_be_is_refused_naming_the_field` |
//! | | `trouble::times::the_end_of_the_year_9999_is_a_time_like_any_other` |
//! | | `trouble::times::a_time_that_is_not_in_four_digits_is_refused_everywhere` |
//! | certificates of garbage | `trouble::material::ten_thousand_bytes_of_garbage_are_refused_naming_the_field` |
//! | a chain with a loop | `trouble::material::a_chain_with_a_loop_is_refused_unless_it_leads_to_the_authority` |

mod cursors;
mod material;
mod names;
mod openings;
mod times;
mod versions;

use cadastre_testkit::dump;

use crate::rainbond_fixture::Fixture;

/// Everything that the register keeps, but for what is noted of requests: the audit with its end,
/// and when tokens were used.
fn kept(fixture: &Fixture) -> Vec<String> {
    let noted = ["audit_entries: ", "register: ", "tokens: "];
    let rows = dump::rows(&fixture.register.database).into_iter();
    rows.filter(|row| !noted.iter().any(|table| row.starts_with(table))).collect()
}

/// What the register keeps about the thing with this identifier.
fn left_of(fixture: &Fixture, id: &str) -> Vec<String> {
    kept(fixture).into_iter().filter(|row| row.contains(id)).collect()
}
