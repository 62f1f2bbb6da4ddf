//! The person at the terminal, when a session ends in the middle of a command.
//!
//! Calls wait at the desk of the home and go on afterwards as the same calls. In a script nobody is at the desk: the command
//! ends, says what to do next, and its exit code says that signing in is what is missing.

use std::io::{BufRead, IsTerminal, stderr, stdin};
use std::sync::Arc;

use zonke_home::Home;
use zonke_signin::{SavedProfiles, SignInDesk, SignInHow, SignInMethod, SignInNeed};

use crate::failure::Failure;
use crate::interrupt::Interruptible;
use crate::print;
use crate::profile::Terminal;

/// Opens the app's folder, with the person at the terminal to ask if there is one.
pub(crate) fn open_home() -> Result<Home, Failure> {
    let home = Home::open()?;
    if !attended() {
        return Ok(home);
    }
    let desk = SignInDesk::open();
    let home = home.asking(desk.clone());
    tokio::spawn(attend(desk, home.profiles()));
    Ok(home)
}

/// Whether nobody will sign in any more: there is nobody to ask, or they said no.
pub(crate) fn given_up(home: &Home) -> bool {
    !attended() || home.desk().needs().borrow().iter().any(|need| need.put_off)
}

fn attended() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for every need as it arises, one after the other.
async fn attend(desk: SignInDesk, profiles: Arc<SavedProfiles>) {
    let mut needs = desk.needs();
    loop {
        let next = needs.borrow_and_update().iter().find(|need| !need.put_off).cloned();
        if let Some(need) = next {
            if meet(&need, &profiles).await {
                desk.met(&need.profile);
                print::note("Going on.");
            } else {
                desk.put_off(&need.profile);
            }
        } else if needs.changed().await.is_err() {
            return;
        }
    }
}

/// Whether the person has signed in.
async fn meet(need: &SignInNeed, profiles: &Arc<SavedProfiles>) -> bool {
    print::note(format!("\n{} What is being done waits meanwhile.", need.message));
    let question = match &need.how {
        SignInHow::Browser => "Press Enter to sign in in the browser, or type no to stop:".to_owned(),
        SignInHow::Mfa { .. } => "Press Enter to go on with a code of the device, or type no to stop:".to_owned(),
        SignInHow::Elsewhere { command } => {
            format!("Run `{command}` in another terminal and press Enter then, or type no to stop:")
        }
    };
    print::note(question);
    if !wants().await {
        return false;
    }
    if let SignInHow::Elsewhere { .. } = need.how {
        return true;
    }
    let signed_in = profiles
        .sign_in(
            &need.profile,
            SignInMethod::Browser,
            &Terminal,
            Interruptible::sign_in().token(),
        )
        .await;
    match signed_in {
        Ok(()) => true,
        Err(error) => {
            print::failure(&error.into());
            false
        }
    }
}

/// Whether the answer is anything but a refusal; the end of the input is one.
async fn wants() -> bool {
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).map(|read| (read, line))
    });
    matches!(answer.await, Ok(Ok((read, line))) if read > 0 && agrees(&line))
}

fn agrees(answer: &str) -> bool {
    !matches!(answer.trim().to_lowercase().as_str(), "n" | "no" | "q" | "quit")
}

#[cfg(test)]
mod tests {
    use super::agrees;

    #[test]
    fn enter_goes_on_and_no_stops() {
        for answer in ["\n", "yes\n", ""] {
            assert!(agrees(answer), "{answer:?}");
        }
        for answer in ["no\n", "N\n", " q "] {
            assert!(!agrees(answer), "{answer:?}");
        }
    }
}
