//! The tokens by which results are posted.

use cadastre_domain::secret::Secret;
use cadastre_testkit::sample::{self, hex};

use crate::support::{column, on_both_seeded};

#[test]
fn an_enterprise_has_one_result_token_by_which_it_is_found() {
    on_both_seeded(|database, store| {
        let token = |text: &str| Secret::from(format!("tkn_{text}"));
        let ensure = |new: Secret| {
            store.write(move |tx| tx.ensure_result_token(hex(1), &new, sample::time())).unwrap()
        };
        assert!(store.read(|tx| tx.result_token(hex(1))).unwrap().is_none());
        assert!(ensure(token("one")).same(&token("one")));
        assert!(ensure(token("two")).same(&token("one")), "it is kept");
        let owner = |text: &str| store.read(|tx| tx.find_result_token(&token(text))).unwrap();
        assert_eq!((owner("one"), owner("two")), (Some(hex(1)), None));
        let rows = column(database, "SELECT enterprise_id AS value FROM result_tokens");
        assert_eq!(rows, [hex::<()>(1).to_string()]);
    });
}
