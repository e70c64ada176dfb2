//! Several servers on one database.

use std::sync::Barrier;
use std::thread;

use cadastre_testkit::{TestDatabase, postgres, sqlite};

use crate::support::{Call, Place, Server, eventually};

/// A server and the folder that is its own.
type Member = (Place, Server);

/// So many servers, which were started at once on the same empty database.
fn start_together(database: &TestDatabase, count: usize) -> Vec<Member> {
    let gate = Barrier::new(count);
    let start = || {
        let place = Place::on(database);
        gate.wait();
        let server = place.ready();
        (place, server)
    };
    thread::scope(|scope| {
        let starts: Vec<_> = (0..count).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    })
}

/// As many as usual on each kind of database.
fn on_both(test: impl Fn(Vec<Member>)) {
    for (database, count) in [(sqlite(), 3), (postgres(), 6)] {
        println!("on {}", database.name());
        test(start_together(&database, count));
    }
}

/// The first token, which only one of the servers made.
fn first_token(members: &[Member]) -> String {
    let kept = |(place, _): &&Member| place.path("cadastre-data/admin-token").exists();
    let made: Vec<_> = members.iter().filter(kept).collect();
    assert_eq!(made.len(), 1);
    made[0].0.first_token()
}

#[test]
fn servers_that_start_at_once_make_one_first_token() {
    on_both(|members| {
        let token = first_token(&members);
        let told = |(_, server): &&Member| server.printed().contains("The first token");
        let told: Vec<_> = members.iter().filter(told).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].1.printed().contains(&token));
        for (place, server) in &members {
            assert_eq!(server.manage_status(&token), 404);
            assert_eq!(place.run(&["token", "list"]).lines().len(), 2);
            assert!(!server.log().contains("ERROR"), "{}", server.log());
        }
    });
}

#[test]
fn what_one_server_adds_the_others_list_at_once() {
    on_both(|members| {
        let token = first_token(&members);
        let mut names = Vec::new();
        for (number, (_, server)) in members.iter().enumerate() {
            let name = format!("region-{number}");
            server.add_region(&name, &token);
            names.push(name);
            for (_, other) in &members {
                assert_eq!(other.region_names(&token), names);
            }
        }
    });
}

#[test]
fn of_two_that_add_the_same_region_through_two_servers_one_wins() {
    on_both(|members| {
        let token = first_token(&members);
        let gate = Barrier::new(2);
        for round in 0..10 {
            let name = format!("region-{round}");
            let add = |server: &Server| {
                gate.wait();
                Call::to(server.address).add_region(&name, &token).unwrap()
            };
            let mut statuses = thread::scope(|scope| {
                let other = scope.spawn(|| add(&members[1].1));
                [add(&members[0].1), other.join().unwrap()]
            });
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 400]);
        }
        assert_eq!(members[2].1.region_names(&token).len(), 10);
    });
}

#[test]
fn writers_on_all_servers_do_not_hinder_each_other() {
    on_both(|members| {
        let token = first_token(&members);
        thread::scope(|scope| {
            for (number, (_, server)) in members.iter().enumerate() {
                let token = &token;
                scope.spawn(move || {
                    for region in 0..20 {
                        server.add_region(&format!("region-{number}-{region}"), token);
                    }
                });
            }
        });
        assert_eq!(members[0].1.region_names(&token).len(), 20 * members.len());
    });
}

#[test]
fn the_others_go_on_when_one_is_killed_while_it_writes() {
    on_both(|mut members| {
        let token = first_token(&members);
        let (_, victim) = members.pop().unwrap();
        let call = Call::to(victim.address);
        let address = victim.address;
        let written = thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let names = (0..50_000).map(|number| format!("victim-{number}"));
                let added = names.take_while(|name| call.add_region(name, &token).is_ok());
                added.count()
            });
            eventually("the victim writes", || !members[0].1.region_names(&token).is_empty());
            victim.kill();
            writer.join().unwrap()
        });
        // Whoever has its port by now knows no such token.
        assert!(!matches!(Call::to(address).add_region("dead", &token), Ok(200..300)));
        for (number, (_, server)) in members.iter().enumerate() {
            server.add_region(&format!("survivor-{number}"), &token);
        }
        let names = members[0].1.region_names(&token);
        let victims = names.iter().filter(|name| name.starts_with("victim-")).count();
        // The last one may have been written without an answer.
        assert!(victims == written || victims == written + 1, "{victims} of {written}");
        assert_eq!(names.len(), victims + members.len());
    });
}
