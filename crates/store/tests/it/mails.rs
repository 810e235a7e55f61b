use partyline_core::id::{AccountId, MailId};
use partyline_core::time::{DAY, HOUR, Millis, SECOND};
use partyline_store::StoreError;
use partyline_store::mails::{ClaimedMail, MAILS_KEPT, NewMail};

use crate::engines::{NOW, World, engines, world};

async fn add(world: &World, n: u8, until: Millis) -> MailId {
    let id = MailId::new(NOW, &[n; 10]);
    let mail = NewMail { id, kind: "invitation", about: None, letter: vec![n], until };
    world.db.machinery(NOW, move |root| root.add_mail(mail, NOW)).await.unwrap();
    id
}

async fn claim(world: &World, now: Millis, limit: i64) -> Vec<ClaimedMail> {
    world.db.machinery(now, move |root| root.claim_mails(now, now + 90 * SECOND, limit)).await.unwrap()
}

async fn sent(world: &World, mail: ClaimedMail) -> bool {
    world.db.machinery(NOW, move |root| root.mail_sent(&mail, NOW)).await.unwrap()
}

#[tokio::test]
async fn a_letter_is_held_by_one_and_due_again_when_its_lease_ends() {
    for engine in engines() {
        let world = world(&engine).await;
        add(&world, 1, NOW + DAY).await;
        add(&world, 2, NOW + DAY).await;
        let slow = claim(&world, NOW, 1).await.remove(0);
        assert_eq!(claim(&world, NOW, 10).await.len(), 1, "{}: the other one", engine.name);
        assert!(claim(&world, NOW + 89 * SECOND, 10).await.is_empty(), "{}", engine.name);
        let later = NOW + 90 * SECOND;
        let again = claim(&world, later, 10).await.into_iter().find(|m| m.id == slow.id).unwrap();
        assert_eq!((again.attempts, &again.letter), (2, &slow.letter), "{}", engine.name);
        let held = slow.clone();
        let rewritten = world.db.machinery(later, move |root| root.rewrite_mail(&held, b"x")).await.unwrap();
        assert!(!rewritten && !sent(&world, slow).await, "{}: who lost the lease settles nothing", engine.name);
        assert!(sent(&world, again.clone()).await, "{}", engine.name);
        assert!(!sent(&world, again).await, "{}: once", engine.name);
        assert!(claim(&world, later + DAY, 10).await.iter().all(|m| m.letter == Some(vec![2])), "{}", engine.name);
    }
}

#[tokio::test]
async fn what_is_of_no_use_is_given_up_and_what_ended_is_forgotten_after_a_month() {
    for engine in engines() {
        let world = world(&engine).await;
        add(&world, 1, NOW + HOUR).await;
        let kept = add(&world, 2, NOW + 40 * DAY).await;
        let expire =
            async |now: Millis| world.db.machinery(now, move |root| root.expire_mails(now, "too late")).await.unwrap();
        expire(NOW + HOUR).await;
        let (failed, waiting) = world
            .db
            .read_root(|root| Ok::<_, StoreError>((root.mails_failed(NOW)?, root.mails_waiting()?)))
            .await
            .unwrap();
        assert_eq!((failed, waiting), (1, (1, None)), "{}", engine.name);
        expire(NOW + MAILS_KEPT).await;
        let failed = world.db.read_root(|root| root.mails_failed(Millis(0))).await.unwrap();
        assert_eq!(failed, 0, "{}", engine.name);
        assert_eq!(claim(&world, NOW + MAILS_KEPT, 10).await[0].id, kept, "{}: what waits stays", engine.name);
    }
}

#[tokio::test]
async fn links_of_an_account_end_together_and_are_forgotten_after_a_week() {
    for engine in engines() {
        let world = world(&engine).await;
        let account = AccountId::new(NOW, &[3; 10]);
        world
            .db
            .machinery(NOW, move |root| {
                root.create_account(account, "ana@example.com", None, NOW)?;
                root.add_reset(b"one", account, NOW, NOW + HOUR)?;
                root.add_reset(b"two", account, NOW + SECOND, NOW + HOUR)?;
                assert_eq!(root.resets_since(account, NOW)?, 1);
                root.use_resets(account, NOW + SECOND)
            })
            .await
            .unwrap();
        let of = |hash: &'static [u8]| world.db.read_root(move |root| root.reset(hash));
        for hash in [b"one", b"two"] {
            let row = of(hash).await.unwrap().unwrap();
            assert_eq!(
                (row.account, row.email.as_str(), row.used_at),
                (account, "ana@example.com", Some(NOW + SECOND))
            );
        }
        assert!(of(b"three").await.unwrap().is_none(), "{}", engine.name);
        world.db.machinery(NOW, |root| root.expire_mails(NOW + 8 * DAY, "too late")).await.unwrap();
        assert!(of(b"one").await.unwrap().is_none(), "{}", engine.name);
    }
}
