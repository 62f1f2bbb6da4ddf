//! The promises of a subscription, on a resource that the test controls, with waiting times a hundred times shorter.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::testing;

#[derive(Clone, Debug, PartialEq)]
struct Number(u32);

impl Paced for Number {
    fn going(&self) -> bool {
        true
    }
}

/// What AWS would answer, and how often it was asked.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<Vec<Result<Number>>>>,
    asked: Arc<AtomicUsize>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Result<Number>>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Self {
            answers: Arc::new(Mutex::new(answers)),
            asked: Arc::default(),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Answers in order; the last one again and again.
    fn join(&self, pool: &Pool<Number>, session: &Session) -> Subscription<Update<Number, u32>> {
        let script = self.clone();
        let receiver = pool.join(session, "shop", move |_, _| {
            let script = script.clone();
            Box::pin(async move {
                script.asked.fetch_add(1, Ordering::SeqCst);
                let mut answers = script.answers.lock().unwrap();
                if answers.len() > 1 {
                    answers.pop().unwrap()
                } else {
                    answers[0].clone()
                }
            })
        });
        subscription(receiver, |old: &Number, new: &Number| (new.0 >= old.0).then(|| new.0 - old.0))
    }
}

fn throttled() -> Result<Number> {
    Err(CloudError::new(ErrorCode::Throttled, "Rate exceeded.", "Wait."))
}

#[tokio::test]
async fn the_whole_state_comes_first_then_what_changed() {
    let (pool, session) = (Pool::default(), testing::session_at(0.01));
    let mut updates = Script::new([Ok(Number(3)), Ok(Number(5)), Ok(Number(5)), Ok(Number(1))]).join(&pool, &session);
    let mut bodies = Vec::new();
    for seq in 0..3 {
        let update = updates.next().await.unwrap();
        assert_eq!(update.seq, seq);
        bodies.push(update.body);
    }
    assert_eq!(
        bodies,
        [
            UpdateBody::Snapshot(Number(3)),
            UpdateBody::Delta(2),
            UpdateBody::Snapshot(Number(1))
        ],
        "what a delta cannot say is said by a whole state"
    );
}

#[tokio::test]
async fn trouble_is_told_and_does_not_end_the_view() {
    let (pool, session) = (Pool::default(), testing::session_at(0.01));
    let mut updates = Script::new([Ok(Number(3)), throttled(), throttled(), Ok(Number(3))]).join(&pool, &session);
    assert_eq!(updates.next().await.unwrap().body, UpdateBody::Snapshot(Number(3)));
    for _ in 0..2 {
        let UpdateBody::Trouble(trouble) = updates.next().await.unwrap().body else {
            panic!("trouble was kept back")
        };
        assert!(!trouble.signed_out && trouble.retry_in_seconds >= 1, "{trouble:?}");
    }
    assert_eq!(
        updates.next().await.unwrap().body,
        UpdateBody::Fresh,
        "the end of trouble is told even if nothing changed"
    );
}

#[tokio::test]
async fn subscribers_share_one_poller_and_a_late_one_gets_the_whole_state_at_once() {
    let (pool, session) = (Pool::default(), testing::session_at(0.01));
    let script = Script::new([Ok(Number(3))]);
    let mut first = script.join(&pool, &session);
    assert_eq!(first.next().await.unwrap().body, UpdateBody::Snapshot(Number(3)));
    let asked = script.asked();
    let mut second = script.join(&pool, &session);
    let update = second.next().await.unwrap();
    assert_eq!((update.seq, update.body), (0, UpdateBody::Snapshot(Number(3))));
    assert_eq!(script.asked(), asked, "AWS is not asked again for a second subscriber");
}

#[tokio::test]
async fn a_poller_rests_when_its_last_subscriber_is_gone() {
    let (pool, session) = (Pool::default(), testing::session_at(0.01));
    let script = Script::new([Ok(Number(3))]);
    let mut updates = script.join(&pool, &session);
    updates.next().await.unwrap();
    drop(updates);
    // Bounded by the test runner's own limit.
    while !pool.0.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let mut again = script.join(&pool, &session);
    assert_eq!(again.next().await.unwrap().body, UpdateBody::Snapshot(Number(3)));
}

#[tokio::test]
async fn a_change_through_the_session_is_looked_at_at_once() {
    // Left to itself this poller would look again after an hour.
    let (pool, session) = (Pool::default(), testing::session_at(9000.0));
    let mut updates = Script::new([Ok(Number(3)), Ok(Number(4))]).join(&pool, &session);
    updates.next().await.unwrap();
    session.touch();
    assert_eq!(updates.next().await.unwrap().body, UpdateBody::Delta(1));
}

#[test]
fn back_off_grows_to_half_a_minute_and_is_never_in_step() {
    let slow = CloudError::new(ErrorCode::Throttled, "", "");
    let waits: Vec<_> = (1..=6).map(|n| back_off(n, &slow, 1.0).as_secs()).collect();
    assert_eq!(waits, [4, 8, 16, 32, 32, 32]);
    assert!(back_off(3, &slow, 0.0) < back_off(3, &slow, 1.0));
    let absent = CloudError::new(ErrorCode::NotFound, "", "");
    assert!(
        back_off(50, &absent, 1.0) <= Duration::from_secs(4),
        "what will exist soon is not waited for long"
    );
}
