//! Phrases of AWS that say something no code says.

/// Whether an event only follows from a failure elsewhere, so that it must not be shown as the cause.
pub fn is_consequence(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || text.starts_with("Resource creation cancelled")
        || text.starts_with("Resource creation Initiated")
        || text.starts_with("Resource update cancelled")
        || text.starts_with("Resource deletion cancelled")
        || text.starts_with("The following resource(s) failed to")
        || text.starts_with("The following hook(s) failed")
        || text.starts_with("Rollback requested by user")
        || text.starts_with("User Initiated")
}

/// Whether CloudFormation says that a change set or an update would change nothing.
pub fn is_no_changes(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("didn't contain changes")
        || text.contains("no updates are to be performed")
        || text.contains("no changes to perform")
}

/// Whether a refused signature was refused because of the clock.
pub fn is_clock_skew(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("signature expired")
        || text.contains("signature not yet current")
        || text.contains("too skewed")
        || text.contains("clock")
}

/// Whether credentials cannot be loaded because a session has ended.
pub fn is_session_over(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("expired")
        || text.contains("token_expired")
        || text.contains("invalidgrant")
        || text.contains("user_credentials_changed")
        // How the AWS SDK says that and the end of a session of `aws login`.
        || text.contains("please reauthenticate")
        // Our own words for a session that waits for its user.
        || (text.contains("the session of") && text.contains("is over"))
        || text.contains("nobody is signed in")
        || text.contains("needs a code of the mfa device")
}

/// Whether credentials cannot be loaded because nobody has signed in: the AWS SDK finds no session in its folder.
pub fn is_never_signed_in(text: &str) -> bool {
    text.contains("failed to read `") && text.contains(".json`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consequences_are_told_from_causes() {
        for text in [
            "",
            "Resource creation cancelled",
            "The following resource(s) failed to create: [Database, Nat]. Rollback requested by user.",
            "User Initiated",
        ] {
            assert!(is_consequence(text), "{text}");
        }
        assert!(!is_consequence("The maximum number of addresses has been reached."));
    }

    #[test]
    fn both_wordings_of_no_changes_are_known() {
        assert!(is_no_changes(
            "The submitted information didn't contain changes. Submit different information to create a change set."
        ));
        assert!(is_no_changes("No updates are to be performed."));
        assert!(!is_no_changes(
            "Template error: instance of Fn::GetAtt references undefined resource X"
        ));
    }

    #[test]
    fn a_wrong_clock_and_an_ended_session_are_recognized() {
        assert!(is_clock_skew(
            "Signature expired: 20261123T110000Z is now earlier than 20261123T114500Z (20261123T115000Z - 5 min.)"
        ));
        assert!(!is_clock_skew(
            "The request signature we calculated does not match the signature you provided."
        ));
        assert!(is_session_over(
            "The SSO session associated with this profile has expired or is otherwise invalid."
        ));
        assert!(is_session_over(
            "Unable to refresh credentials because of a change in your password. Please reauthenticate with your new password."
        ));
        assert!(!is_session_over("profile `work` has no credentials"));
        assert!(is_never_signed_in(
            "failed to read `/home/ada/.aws/login/cache/8a94.json`: No such file or directory (os error 2)"
        ));
        assert!(!is_never_signed_in("profile `work` has no credentials"));
    }
}
