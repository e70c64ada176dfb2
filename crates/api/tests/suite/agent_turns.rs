//! What a pull waits for, and what it keeps nothing from.

use std::thread;

use cadastre_api::reads::{ListTurn, ReadClass};
use cadastre_domain::role::Role;

use crate::agent_fixture::Site;
use crate::support::{Register, registers};

/// All turns that lists of the enterprise `default` may have.
fn all_turns(register: &Register) -> Vec<ListTurn> {
    let (lists, class) = (&register.app.lists, ReadClass::Page(register.enterprise));
    let take = async || {
        let mut turns = Vec::new();
        for _ in 0..register.app.readers {
            turns.extend(lists.turn(class).await.unwrap());
        }
        turns
    };
    actix_web::rt::System::new().block_on(take())
}

#[test]
fn a_first_pull_takes_a_turn_of_its_enterprise_and_none_of_another() {
    for register in registers() {
        let other = register.add_enterprise("other");
        let here = Site::new(&register);
        let admin = register.token(Role::Admin, other, &[]);
        let there = Site { register: &register, admin };
        let (one, two) = (here.node("one"), there.node("two"));
        here.task("of one", &[&one]);
        there.task("of two", &[&two]);
        let turns = all_turns(&register);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| one.names(&register, 0));
            assert_eq!(two.names(&register, 0), ["of two ok"], "{}", register.name);
            // What is known to be new is read, and the answer that nothing is needs no turn.
            assert_eq!(one.names(&register, i64::MAX), [""; 0], "{}", register.name);
            assert!(!waiting.is_finished(), "{}: there was no turn", register.name);
            drop(turns);
            assert_eq!(waiting.join().unwrap(), ["of one ok"], "{}", register.name);
        });
    }
}
