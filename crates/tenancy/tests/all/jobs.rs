//! Exports that are asked for.

use crate::store::{Store, customer};
use jiff::{SignedDuration, Timestamp};
use tenancy::{
    Action, Asker, AuditFilter, CustomerId, Error, Job, JobEnd, JobId, JobPlace, JobState,
    KeyOwner, NewJob, Reach, Right, Role, Written,
};

/// The archive of which all are.
const HERE: &str = "here";

fn wanted(name: &str) -> NewJob {
    NewJob {
        archive: HERE.to_owned(),
        name: name.to_owned(),
        question: "kind:delivery.bounced".to_owned(),
        range: "last 30 days".to_owned(),
        zone: "Europe/Rome".to_owned(),
        format: "ndjson".to_owned(),
        with_lines: true,
    }
}

async fn ask(store: &Store, asker: &Asker, name: &str) -> JobId {
    store.tenancy.add_job(asker, &wanted(name)).await.unwrap()
}

async fn ids(store: &Store, asker: &Asker) -> Vec<JobId> {
    let jobs = store.tenancy.jobs(asker, HERE).await.unwrap();
    jobs.into_iter().map(|it| it.id).collect()
}

async fn begin(store: &Store, now: Timestamp) -> Option<Job> {
    store.tenancy.begin_job(HERE, now).await.unwrap()
}

const WRITTEN: Written = Written {
    rows: 3,
    bytes: 1_000,
};

/// The next job is begun and is complete.
async fn finish(store: &Store) -> Job {
    let job = begin(store, store.now).await.unwrap();
    let (written, hash) = (WRITTEN, "abc");
    let end = JobEnd::Done { written, hash };
    let until = (store.now, store.after(3_600));
    assert!(store.tenancy.end_job(job.id, end, until).await.unwrap());
    job
}

/// How the asker is now.
fn with_reach(asker: &Asker, reach: Reach) -> Asker {
    let mut asker = asker.clone();
    let mut principal = (*asker.principal).clone();
    principal.reach = reach;
    asker.principal = principal.into();
    asker
}

async fn reach(store: &Store, customer: CustomerId) -> Reach {
    let later = store.after(60);
    store
        .tenancy
        .reach_of_customer(customer, later)
        .await
        .unwrap()
}

pub(crate) async fn a_job_is_its_owners(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let admin = Role::CustomerAdmin;
    let boss = store.logged_in("boss", admin, Some(acme)).await;
    let peer = store.logged_in("peer", admin, Some(acme)).await;
    let theirs = store.logged_in("theirs", admin, Some(other)).await;
    let support = store.logged_in("support", Role::Support, None).await;
    let operator = store.logged_in("operator", Role::Operator, None).await;
    let key = store
        .key(KeyOwner::Customer(acme), &[Right::ReadMail])
        .await;
    let key = store.asker(&key).await;
    let of_boss = KeyOwner::User(boss.principal.user.unwrap());
    let boss_key = store.key(of_boss, &[Right::ReadMail]).await;
    let boss_key = store.asker(&boss_key).await;

    let id = ask(&store, &boss, "bounces").await;
    let of_key = ask(&store, &key, "by a program").await;
    let of_support = ask(&store, &support, "for a customer").await;
    assert_eq!(ids(&store, &boss).await, [id]);
    assert_eq!(ids(&store, &boss_key).await, [id], "a key of his");
    assert_eq!(ids(&store, &key).await, [of_key]);
    assert_eq!(ids(&store, &support).await, [of_support]);
    assert_eq!(ids(&store, &operator).await, [of_support, of_key, id]);
    let job = tenancy.job(&operator, id).await.unwrap();
    assert_eq!((job.owner.as_str(), job.state), ("boss", JobState::Waiting));
    assert_eq!(job.wanted, wanted("bounces"));
    assert_eq!(job.reach, boss.principal.reach);

    let until = store.after(3_600);
    for stranger in [&theirs, &peer, &key, &support] {
        for id in [id, JobId(999)] {
            let gone = Error::NotFound("job").to_string();
            let seen = tenancy.job(stranger, id).await;
            assert_eq!(seen.unwrap_err().to_string(), gone);
            let fetched = tenancy.job_to_fetch(stranger, id).await;
            assert_eq!(fetched.unwrap_err().to_string(), gone);
            let removed = tenancy.remove_job(stranger, id, until).await;
            assert_eq!(removed.unwrap_err().to_string(), gone);
        }
    }
    let unfinished = tenancy.job_to_fetch(&boss, id).await;
    assert!(matches!(unfinished, Err(Error::NoFile("waiting"))));
    assert_eq!(finish(&store).await.id, id);
    let fetched = tenancy.job_to_fetch(&boss_key, id).await.unwrap();
    assert_eq!((fetched.written, fetched.permille), (WRITTEN, 1_000));
    let by_operator = tenancy.job_to_fetch(&operator, id).await;
    assert!(matches!(by_operator, Err(Error::NotFound("job"))));

    // One that has ended goes; one that has not is cancelled first.
    tenancy.remove_job(&boss, id, until).await.unwrap();
    assert!(ids(&store, &boss).await.is_empty());
    tenancy.remove_job(&operator, of_key, until).await.unwrap();
    let cancelled = tenancy.job(&key, of_key).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(cancelled.expires, Some(until));

    // What those do who see all is on record, what customers do is not.
    let (console, filter) = (store.console(), AuditFilter::default());
    let entries = tenancy.audit(&console, &filter).await.unwrap();
    let of = |action: Action| -> Vec<&str> {
        let of = entries.iter().filter(|it| it.action == action.as_str());
        of.map(|it| it.name.as_str()).collect()
    };
    assert_eq!(of(Action::Export), ["support"]);
    assert_eq!(of(Action::RemoveExport), ["operator"]);

    for number in 1..20 {
        ask(&store, &support, &format!("more {number}")).await;
    }
    let more = tenancy.add_job(&support, &wanted("too many")).await;
    assert!(matches!(more, Err(Error::Invalid { what: "export", .. })));
}

pub(crate) async fn a_file_is_not_for_who_may_see_less_than_it_has(store: Store) {
    let tenancy = &store.tenancy;
    let domains = ["acme.example", "acme.test"];
    let acme = store.customer("Acme", &domains, &[]).await;
    let admin = Role::CustomerAdmin;
    let boss = store.logged_in("boss", admin, Some(acme)).await;
    let id = ask(&store, &boss, "all").await;
    let job = finish(&store).await;
    assert!(tenancy.may_see_job(&job, store.now).await.unwrap());

    let console = store.console();
    let set = async |domains: &[&str]| {
        let new = customer("Acme", domains, &[]);
        tenancy.set_customer(&console, acme, &new).await.unwrap();
        with_reach(&boss, reach(&store, acme).await)
    };
    let more = set(&["acme.example", "acme.test", "new.example"]).await;
    tenancy.job_to_fetch(&more, id).await.unwrap();
    let less = set(&["acme.example"]).await;
    let refused = tenancy.job_to_fetch(&less, id).await;
    assert!(matches!(refused, Err(Error::ReachShrunk)));
    assert!(!tenancy.may_see_job(&job, store.now).await.unwrap());
    // The job itself is still his, to be removed.
    tenancy.job(&less, id).await.unwrap();
    let again = set(&domains).await;
    tenancy.job_to_fetch(&again, id).await.unwrap();

    let user = boss.principal.user.unwrap();
    let shut_out = tenancy.set_user_disabled(&console, user, true);
    shut_out.await.unwrap();
    assert!(!tenancy.may_see_job(&job, store.now).await.unwrap());
    let removed = tenancy.remove_user(&console, user);
    removed.await.unwrap();
    assert_eq!(tenancy.jobs_with_files(store.now).await.unwrap(), []);

    // A key's end with it.
    let key = store
        .key(KeyOwner::Customer(acme), &[Right::ReadMail])
        .await;
    let key = store.asker(&key).await;
    ask(&store, &key, "by a program").await;
    let job = finish(&store).await;
    assert!(tenancy.may_see_job(&job, store.now).await.unwrap());
    let revoked = tenancy.revoke_key(&console, job.key.unwrap());
    revoked.await.unwrap();
    assert!(!tenancy.may_see_job(&job, store.now).await.unwrap());

    let support = store.logged_in("support", Role::Support, None).await;
    let id = ask(&store, &support, "everything").await;
    finish(&store).await;
    tenancy.job_to_fetch(&support, id).await.unwrap();
    let demoted = with_reach(&support, boss.principal.reach.clone());
    let refused = tenancy.job_to_fetch(&demoted, id).await;
    assert!(matches!(refused, Err(Error::ReachShrunk)));
}

pub(crate) async fn who_writes_notes_how_far_a_job_is(store: Store) {
    let tenancy = &store.tenancy;
    let anna = store.logged_in("anna", Role::Support, None).await;
    let id = ask(&store, &anna, "one").await;
    let job = begin(&store, store.now).await.unwrap();
    assert_eq!((job.id, job.place), (id, JobPlace::default()));
    assert!(begin(&store, store.now).await.is_none());
    // Another server, with an archive of its own.
    tenancy.put_jobs_back("there").await.unwrap();
    let elsewhere = NewJob {
        archive: "there".to_owned(),
        ..wanted("elsewhere")
    };
    let elsewhere = tenancy.add_job(&anna, &elsewhere).await.unwrap();
    assert_eq!(ids(&store, &anna).await, [id]);
    assert!(begin(&store, store.now).await.is_none());
    tenancy
        .remove_job(&anna, elsewhere, store.now)
        .await
        .unwrap();

    tenancy.job_counted(id, 12).await.unwrap();
    assert!(tenancy.job_wrote(id, WRITTEN, 250).await.unwrap());
    let place = JobPlace {
        place: "2026-02-01".to_owned(),
        written: Written {
            rows: 2,
            bytes: 700,
        },
    };
    assert!(tenancy.job_has(id, &place).await.unwrap());
    let seen = tenancy.job(&anna, id).await.unwrap();
    assert_eq!((seen.rows_in_all, seen.written), (Some(12), WRITTEN));
    assert_eq!((seen.permille, seen.state), (250, JobState::Running));

    // After the end of the daemon it goes on from there.
    tenancy.put_jobs_back(HERE).await.unwrap();
    assert!(!tenancy.job_wrote(id, WRITTEN, 300).await.unwrap());
    let again = begin(&store, store.after(5)).await.unwrap();
    assert_eq!((again.place, again.began), (place, Some(store.now)));

    let until = store.after(3_600);
    let why = "there is no room";
    let failed = tenancy.end_job(id, JobEnd::Failed(why), (store.now, until));
    assert!(failed.await.unwrap());
    let seen = tenancy.job(&anna, id).await.unwrap();
    assert_eq!(seen.failure.as_deref(), Some(why));
    assert_eq!(tenancy.jobs_with_files(store.now).await.unwrap(), []);

    // What somebody wants no more is not complete, whoever was first.
    let id = ask(&store, &anna, "two").await;
    begin(&store, store.now).await.unwrap();
    assert_eq!(tenancy.jobs_with_files(store.now).await.unwrap(), [id]);
    tenancy.remove_job(&anna, id, until).await.unwrap();
    assert!(!tenancy.job_wrote(id, WRITTEN, 300).await.unwrap());
    assert!(!tenancy.job_has(id, &JobPlace::default()).await.unwrap());
    let (written, hash) = (WRITTEN, "abc");
    let done = JobEnd::Done { written, hash };
    let done = tenancy.end_job(id, done, (store.now, until)).await;
    assert!(!done.unwrap());
    assert_eq!(tenancy.jobs(&anna, HERE).await.unwrap().len(), 2);
    let later = until + SignedDuration::from_secs(1);
    assert_eq!(tenancy.jobs_with_files(later).await.unwrap(), []);
    assert!(
        tenancy.jobs(&anna, HERE).await.unwrap().is_empty(),
        "expired"
    );
}

pub(crate) async fn everybody_has_a_turn(store: Store) {
    let anna = store.logged_in("anna", Role::Support, None).await;
    let berta = store.logged_in("berta", Role::Support, None).await;
    for name in ["a", "b", "c"] {
        ask(&store, &anna, name).await;
    }
    ask(&store, &berta, "d").await;
    let mut order = Vec::new();
    for secs in 0..2 {
        order.push(begin(&store, store.after(secs)).await.unwrap().wanted.name);
    }
    // The daemon ends and begins again: what was begun goes first.
    store.tenancy.put_jobs_back(HERE).await.unwrap();
    for secs in 2..6 {
        order.push(begin(&store, store.after(secs)).await.unwrap().wanted.name);
    }
    assert_eq!(order, ["a", "d", "a", "d", "b", "c"]);
}
