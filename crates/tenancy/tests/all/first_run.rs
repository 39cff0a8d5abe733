//! From an empty database to a customer's administrator who is logged in.

use crate::store::{Store, password};
use tenancy::{Error, Login, NewCustomer, NewUser, Reach, Right, Role};

#[tokio::test]
async fn the_first_user_is_made_with_a_token_once() {
    for store in Store::all().await {
        let (tenancy, now) = (&store.tenancy, store.now);
        let stale = tenancy.setup_token(now).await.unwrap().unwrap();
        let token = tenancy.setup_token(now).await.unwrap().unwrap();
        let set_up = |token, now| async move {
            let login = "Root@Example.org";
            tenancy.setup(token, login, &password(), None, now).await
        };
        assert!(matches!(set_up(&stale, now).await, Err(Error::Refused)));
        let late = store.after(24 * 3600);
        assert!(matches!(set_up(&token, late).await, Err(Error::Refused)));
        set_up(&token, now).await.unwrap();
        assert!(matches!(set_up(&token, now).await, Err(Error::SetUp)));
        assert!(tenancy.setup_token(now).await.unwrap().is_none());

        let session = store.login("root@example.org", now).await.unwrap();
        let asker = store.asker(&session.token, now).await;
        assert_eq!(asker.principal.role, Role::Owner);
        assert_eq!(asker.principal.reach, Reach::Everything);
        store.close().await;
    }
}

#[tokio::test]
async fn an_administrator_sees_his_customer_alone() {
    for store in Store::all().await {
        let (tenancy, now) = (&store.tenancy, store.now);
        let customer = store
            .customer(
                "Acme",
                &["acme.example", "Büro.example"],
                &["solo@shared.example"],
            )
            .await;
        let new = NewUser {
            login: "boss@acme.example".to_owned(),
            name: "The Boss".to_owned(),
            role: Role::CustomerAdmin,
            customer: Some(customer),
            mailboxes: Vec::new(),
        };
        let console = store.console(now);
        let id = tenancy
            .add_user_with_password(&console, &new, &password())
            .await
            .unwrap();
        let session = store.login("boss@acme.example", now).await.unwrap();
        let boss = store.asker(&session.token, now).await;
        assert_eq!(session.user, id);
        for (account, is_his) in [
            ("anna@acme.example", true),
            ("anna@xn--bro-hoa.example", true),
            ("solo@shared.example", true),
            ("anna@shared.example", false),
            ("anna@sub.acme.example", false),
            ("acme.example", false),
            ("", false),
        ] {
            assert_eq!(boss.principal.reach.covers(account), is_his, "{account}");
        }
        assert!(!boss.principal.may(Right::ManageCustomers));
        let refused = tenancy.add_customer(&boss, &NewCustomer::default()).await;
        assert!(matches!(
            refused,
            Err(Error::Forbidden(Right::ManageCustomers))
        ));
        let wrong = Login {
            login: "boss@acme.example".to_owned(),
            password: "not the one, I think".into(),
            code: None,
            address: None,
        };
        assert!(matches!(
            tenancy.login(&wrong, now).await,
            Err(Error::LoginRefused)
        ));
        store.close().await;
    }
}
