//! Passwords: which are allowed, and how they are hashed without stopping everything else.

mod change;

use std::collections::HashSet;
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};

pub use change::PasswordChanges;

use crm_core::{Error, Problems, Result, phone_key};

const MIN_BYTES: usize = 8;
/// bcrypt reads no more; a longer password is refused, never cut.
const MAX_BYTES: usize = 72;
/// Hashes that may wait for their turn; more are told to come back.
const MAX_WAITING: usize = 16;
/// Unambiguous to read from a screen and to type on a phone.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";

/// The 3,000 most common passwords of the frequency list published with zxcvbn (MIT licence,
/// copyright 2012-2016 Dan Wheeler and Dropbox, Inc., 2016 Daniel Wolf).
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Hashes and verifies passwords, a few at a time.
///
/// One bcrypt hash of the production cost takes a third of a second of a processor. Only so many run
/// at once and only so many wait, so that a flood of sign-ins cannot stop the rest of the program.
/// Cloning shares the limit.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cost: u32,
    at_once: usize,
    queue: Mutex<Queue>,
    freed: Condvar,
    /// Verified instead of nothing when a phone number is unknown, so that the answer takes as long.
    nobody: String,
}

#[derive(Debug, Default)]
struct Queue {
    running: usize,
    waiting: usize,
}

impl Passwords {
    /// A hasher of this bcrypt cost (12 in production, 4 in tests) on half of the processors.
    pub fn new(cost: u32) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        // A valid hash nobody's password has; only its cost matters.
        let nobody = format!("$2b${cost:02}$C6UzMDM.H6dfI/f/IKcEeO7ZBpCSkVUEZSmyWBm.sNmTYGdMsjuYm");
        Self(Arc::new(Inner {
            cost,
            at_once: (processors / 2).max(1),
            queue: Mutex::default(),
            freed: Condvar::new(),
            nobody,
        }))
    }

    /// The hash to store.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] when too many are waiting already; [`Error::Internal`] for a
    /// password that [`check_password`] would have refused.
    pub fn hash(&self, password: &str) -> Result<String> {
        if password.len() > MAX_BYTES {
            return Err(Error::internal("a password too long for bcrypt"));
        }
        // Not the library's non-truncating functions: they want room for a final zero and refuse the
        // 72nd byte, which bcrypt itself reads.
        self.in_turn(|| bcrypt::hash(password, self.0.cost).map_err(Error::internal))
    }

    /// Whether this is the password of this hash. Without a hash the answer is no, in the same time.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] when too many are waiting already.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let against = hash.unwrap_or(&self.0.nobody);
        // No stored password is longer; the time must not tell, so a shorter one is hashed instead.
        let (candidate, fits) = if password.len() > MAX_BYTES { ("", false) } else { (password, true) };
        let same = self.in_turn(|| Ok(bcrypt::verify(candidate, against).unwrap_or(false)))?;
        Ok(same && fits && hash.is_some())
    }

    fn in_turn<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let inner = &*self.0;
        let mut queue = inner.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.running >= inner.at_once {
            if queue.waiting >= MAX_WAITING {
                return Err(Error::TooManyRequests { retry_after: 2 });
            }
            queue.waiting += 1;
            queue = inner
                .freed
                .wait_while(queue, |queue| queue.running >= inner.at_once)
                .unwrap_or_else(PoisonError::into_inner);
            queue.waiting -= 1;
        }
        queue.running += 1;
        drop(queue);
        let _turn = Turn(inner);
        behind_everything_else(work)
    }
}

/// How much a hash stands back for the rest: by the kernel's weights it gets a sixth of what another thread
/// does where all processors are busy, and all it wants elsewhere.
#[cfg(any(target_os = "android", target_os = "linux"))]
const NICENESS: i32 = 8;

/// Runs this on a thread of its own, which stands back for all others: a thread's niceness cannot be taken back.
fn behind_everything_else<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("password".to_owned()).spawn_scoped(scope, || {
            // Where it cannot be had, hashes are as urgent as the rest, which only costs time. Elsewhere than on
            // Linux it would slow the whole process down.
            #[cfg(any(target_os = "android", target_os = "linux"))]
            let _ = rustix::process::nice(NICENESS);
            work()
        });
        let ended = thread.map_err(Error::internal)?.join();
        ended.unwrap_or_else(|_| Err(Error::internal("hashing a password panicked")))
    })
}

/// Gives the turn back, also when the work panics.
struct Turn<'a>(&'a Inner);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).running -= 1;
        self.0.freed.notify_one();
    }
}

/// Notes on `field` why this may not be the password of the person with this phone number: 8–72
/// bytes, no control characters, not the phone number, not among the 3,000 most common.
pub fn check_password(problems: &mut Problems, field: &str, password: &str, phone: &str) {
    let lower = password.to_lowercase();
    if password.len() < MIN_BYTES || password.len() > MAX_BYTES {
        problems.push(field, format!("应为{MIN_BYTES}至{MAX_BYTES}个字节"));
    } else if password.chars().any(char::is_control) {
        problems.push(field, "不能包含控制字符");
    } else if password == phone || phone_key(password) == phone_key(phone) && is_phone_like(password) {
        problems.push(field, "不能与手机号相同");
    } else if COMMON.contains(lower.as_str()) {
        problems.push(field, "过于常见");
    }
}

fn is_phone_like(password: &str) -> bool {
    password.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '))
}

/// A password of 60 random bits, easy to read out and to type.
///
/// # Errors
/// [`Error::Internal`] when the machine has no randomness to give.
pub fn random_password() -> Result<String> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> bool {
        let mut problems = Problems::default();
        check_password(&mut problems, "password", password, "13800000000");
        !problems.is_empty()
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in ["short", "password", "Password", "12345678", "13800000000", "138-0000-0000", "tab\tinside it"] {
            assert!(refused(weak), "{weak}");
        }
        assert!(refused(&"x".repeat(73)));
        assert!(refused(&"长".repeat(25)), "bytes are counted, not characters");
        for good in ["correct horse", "密码密码一二三", &"x1".repeat(36)] {
            assert!(!refused(good), "{good}");
        }
    }

    #[test]
    fn a_hash_verifies_its_own_password_only() {
        let passwords = Passwords::new(4);
        let hash = passwords.hash("correct horse").expect("it hashes");
        assert!(passwords.verify("correct horse", Some(&hash)).expect("it verifies"));
        assert!(!passwords.verify("correct horsf", Some(&hash)).expect("it verifies"));
        assert!(!passwords.verify("correct horse", None).expect("it verifies"));
        assert!(!passwords.verify(&"x".repeat(100), Some(&hash)).expect("it verifies"));
    }

    #[test]
    fn the_longest_password_counts_to_its_last_byte() {
        let passwords = Passwords::new(4);
        let (longest, other) = (format!("{}a", "x".repeat(71)), format!("{}b", "x".repeat(71)));
        let hash = passwords.hash(&longest).expect("72 bytes are allowed");
        assert!(passwords.verify(&longest, Some(&hash)).expect("it verifies"));
        for wrong in [other, "x".repeat(71), format!("{longest}a")] {
            assert!(!passwords.verify(&wrong, Some(&hash)).expect("it verifies"), "{wrong}");
        }
        assert!(passwords.hash(&"x".repeat(73)).is_err(), "nothing is ever cut");
    }

    #[test]
    fn the_hash_of_nobody_takes_a_real_verification() {
        let passwords = Passwords::new(4);
        assert!(bcrypt::verify("any password", &passwords.0.nobody).is_ok(), "a malformed hash would fail at once");
    }

    #[test]
    fn a_flood_is_told_to_come_back() {
        let passwords = Passwords::new(8);
        let refused = std::thread::scope(|scope| {
            let attempts: Vec<_> = (0..100).map(|_| scope.spawn(|| passwords.verify("guess", None))).collect();
            attempts.into_iter().filter_map(|attempt| attempt.join().ok()).filter(Result::is_err).count()
        });
        assert!(refused > 0);
        assert!(passwords.verify("guess", None).is_ok(), "and afterwards all is as before");
    }

    #[test]
    fn random_passwords_differ_and_are_allowed() {
        let (one, two) = (random_password().expect("random"), random_password().expect("random"));
        assert_ne!(one, two);
        assert!(!refused(&one));
    }
}
