//! How a database means to run a statement, and what is wrong with that.

use cadastre_testkit::TestDatabase;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::Raw;

diesel::define_sql_function! {
    /// What the register ends long statements with.
    fn is_in_time(until_us: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Tables that hold a handful of rows, which are read as a whole.
const SMALL: [&str; 9] = [
    "listening",
    "result_access",
    "result_shares",
    "result_usage",
    "register",
    "register_keys",
    "master_keys",
    "unsealed_secrets",
    "unread_certificates",
];

/// Columns whose values most rows do not have: whoever asks for one must not be shown the way past
/// all others, however short the page.
const NARROW: [&str; 5] = ["enterprise_id", "region_id", "team_id", "object_kind", "state"];

/// A connection to be asked for plans. PostgreSQL avoids what it can avoid, however few rows there
/// are, and knows no values; of several indexes it takes the one that leaves fewest entries, so there
/// must be some.
pub fn connection(database: &TestDatabase) -> Raw {
    let mut raw = Raw::open(database);
    if let Raw::Sqlite(conn) = &mut raw {
        is_in_time_utils::register_impl(conn, |_: i64| true).unwrap();
    }
    if let Raw::Postgres(conn) = &mut raw {
        let avoid = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
                     SET enable_sort = off; SET enable_incremental_sort = off; \
                     SET enable_hashjoin = off; SET enable_mergejoin = off";
        let fill = "INSERT INTO audit_entries (sequence, at, origin, operation, outcome, \
                    object_kind, object_id, changes, revealed, hash) \
                    SELECT n, now(), 'server', 'o', 'done', n % 300, n, '', '', \
                    decode(repeat('00', 32), 'hex') FROM generate_series(1000, 5000) n; \
                    ANALYZE audit_entries";
        let deliveries = "SET session_replication_role = replica; \
                          INSERT INTO alarm_deliveries SELECT lpad(n::text, 32, '0'), \
                          lpad((n % 300)::text, 32, '0'), '', 'waiting', 0, now(), now(), NULL, \
                          NULL, now() FROM generate_series(1000, 5000) n; \
                          SET session_replication_role = DEFAULT; ANALYZE alarm_deliveries";
        // Of many webhooks, few have anything on its way.
        let webhooks = "SET session_replication_role = replica; \
                        INSERT INTO webhooks SELECT lpad(n::text, 32, '0'), \
                        lpad((n % 300)::text, 32, '0'), '', '', '', n % 300, true, now(), now(), 1 \
                        FROM generate_series(1000, 5000) n; \
                        SET session_replication_role = DEFAULT; ANALYZE webhooks";
        for sql in [avoid, fill, deliveries, webhooks] {
            conn.batch_execute(sql).unwrap();
        }
    }
    raw
}

/// The statements that have a bad plan, each with it.
pub fn complaints(raw: &mut Raw, statements: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for sql in statements {
        let plan = plan(raw, sql);
        let steps = steps(&plan);
        let is_sorted = steps.contains(&Step::Sort);
        let is_bad = steps.iter().any(|step| is_bad(step, sql, is_sorted));
        if is_bad || !seeks(&plan, sql) {
            complaints.push(format!("{sql}\n    {}", plan.join("\n    ")));
        }
    }
    complaints
}

/// Columns that say of which thing a row is, one among many that have as many rows.
const OWNERS: [&str; 2] = ["object_id", "webhook_id"];

/// Columns that are true of few rows, and the index that has these alone.
const RARE: [(&str, &str); 1] = [("alarms.is_announced", "alarms_announced")];

/// Whether an index is asked for the identifier that a statement names, if it names that of a thing
/// of any kind, or of a webhook; and the index of few rows, if it wants one of these.
fn seeks(plan: &[String], sql: &str) -> bool {
    let sql = sql.replace(['`', '"'], "");
    let (_, asked) = sql.split_once(" WHERE ").unwrap_or_default();
    let seeks = |column: &str| {
        let is_search = |line: &String| ["SEARCH ", "Index Cond:"].iter().any(|w| line.contains(w));
        plan.iter().any(|line| is_search(line) && line.contains(column))
    };
    let uses = |index: &str| plan.iter().any(|line| line.contains(index));
    OWNERS.iter().all(|column| !asked.contains(&format!("{column} = ")) || seeks(column))
        && RARE.iter().all(|(column, index)| !asked.contains(column) || uses(index))
}

/// The parts of a plan that cost more the more rows there are.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Reads a table without an index.
    Whole(String),
    /// Reads a table from one end, in the order of an index.
    InOrder(String),
    /// Sorts what it has read, or makes an index for itself.
    Sort,
}

fn is_bad(step: &Step, sql: &str, is_sorted: bool) -> bool {
    // That it has to be done in time is no condition on rows.
    let sql = sql.replace(['`', '"'], "").replace(" WHERE is_in_time(?)", "");
    let is_page = sql.contains(" ORDER BY ") && sql.contains(" LIMIT ");
    let is_narrow = NARROW.iter().any(|column| sql.contains(&format!(".{column} = ")));
    let is_small = |table: &str| SMALL.contains(&table);
    // A page ends when it is full, and what asks for everything gets everything.
    // What contains a text is counted by looking at every text; entries of one token, one address
    // or one day by looking at every entry, as a page of them is found.
    let counts_by_looking = sql.contains("LIKE ") || sql.contains(" FROM audit_entries ");
    let is_count = sql.starts_with("SELECT COUNT(*)") && counts_by_looking;
    let may_be_whole = !sql.contains(" WHERE ") || (is_page || is_count) && !is_narrow;
    match step {
        // Without sorting, a page comes from a table that is kept in its order.
        Step::Whole(table) if is_count => !is_small(table) && !may_be_whole,
        Step::Whole(table) => !is_small(table) && (!is_page || !may_be_whole || is_sorted),
        Step::InOrder(table) => !is_small(table) && !may_be_whole,
        // Of things that are named one by one, there are few.
        Step::Sort => {
            let of_few = [" IN (", " = ANY("].iter().any(|word| sql.contains(word));
            !of_few && !SMALL.iter().any(|table| sql.contains(&format!(" FROM {table} ")))
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// The plan, line by line, as the database tells it.
fn plan(raw: &mut Raw, sql: &str) -> Vec<String> {
    match raw {
        Raw::Sqlite(conn) => {
            let rows: Vec<Detail> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).unwrap();
            rows.into_iter().map(|row| row.detail).collect()
        }
        Raw::Postgres(conn) => plan_on_postgres(conn, sql),
    }
}

fn plan_on_postgres(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    conn.batch_execute(&format!("PREPARE asked AS {sql}")).unwrap();
    let count = "SELECT cardinality(parameter_types)::text AS value FROM pg_prepared_statements \
                 WHERE name = 'asked'";
    let count: Line = diesel::sql_query(count).get_result(conn).unwrap();
    let values = vec!["NULL"; count.value.parse().unwrap()].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}");
    let rows: Vec<Explained> = diesel::sql_query(explain).load(conn).unwrap();
    conn.batch_execute("DEALLOCATE asked").unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

fn steps(plan: &[String]) -> Vec<Step> {
    (0..plan.len()).filter_map(|at| step(&plan[at], &plan[at + 1..])).collect()
}

/// What a line of a plan tells, with those behind it.
fn step(line: &str, rest: &[String]) -> Option<Step> {
    let line = line.trim_start_matches([' ', '-', '>']);
    let word_behind = |mark: &str| {
        let (_, rest) = line.split_once(mark)?;
        rest.split(' ').next().map(str::to_owned)
    };
    if line.starts_with("SCAN ") {
        let table = word_behind("SCAN ")?;
        // Rows of constants are no table.
        if table == "CONSTANT" || line.ends_with("VALUES CLAUSE") {
            return None;
        }
        let in_order = line.contains(" USING ");
        return Some(if in_order { Step::InOrder(table) } else { Step::Whole(table) });
    }
    if line.contains("TEMP B-TREE") || line.contains("AUTOMATIC") || line.starts_with("Sort") {
        return (!line.starts_with("Sort Key")).then_some(Step::Sort);
    }
    if line.starts_with("Seq Scan on ") {
        return word_behind(" on ").map(Step::Whole);
    }
    let is_index_scan = line.starts_with("Index ") && line.contains(" Scan ");
    (is_index_scan && !has_condition(rest)).then(|| word_behind(" on ").map(Step::InOrder))?
}

/// Whether the scan above these lines looks for something in its index.
fn has_condition(rest: &[String]) -> bool {
    let own = rest.iter().take_while(|line| !line.contains("->"));
    own.into_iter().any(|line| line.trim_start().starts_with("Index Cond:"))
}

#[test]
fn a_plan_is_read_rightly() {
    let read = |plan: &str| steps(&plan.lines().map(str::to_owned).collect::<Vec<_>>());
    let (whole, in_order) = (|t: &str| Step::Whole(t.into()), |t: &str| Step::InOrder(t.into()));
    assert_eq!(read("SEARCH teams USING INDEX teams_name (enterprise_id=?)"), []);
    assert_eq!(read("SCAN teams\nUSE TEMP B-TREE FOR ORDER BY"), [whole("teams"), Step::Sort]);
    assert_eq!(read("SCAN teams USING INDEX i"), [in_order("teams")]);
    assert_eq!(read("SEARCH t USING AUTOMATIC COVERING INDEX (a=?)"), [Step::Sort]);
    let joined = "Sort\n  Sort Key: a\n  ->  Nested Loop\n        ->  Seq Scan on teams\n        \
                  ->  Index Scan using i on openings\n              Index Cond: (a = $1)";
    assert_eq!(read(joined), [Step::Sort, whole("teams")]);
    let scan = "Limit\n  ->  Index Only Scan Backward using i on teams\n        Filter: (a = $1)\n  \
                ->  Index Scan using i on t\n        Index Cond: (a = $1)";
    assert_eq!(read(scan), [in_order("teams")]);
}
