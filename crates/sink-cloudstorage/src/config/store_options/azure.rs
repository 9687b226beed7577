//! The parameters of the sink URI that are about Azure Blob Storage.

use super::{Options, take, take_endpoint};
use crate::config::ConfigError;
use crate::store::location::{AzureCredentials, AzureEncryption};
use crate::store::{AzureLocation, Secret};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use object_store::path::Path;

pub(super) fn location(
    container: &str,
    prefix: Path,
    mut options: Options,
) -> Result<AzureLocation, ConfigError> {
    Ok(AzureLocation {
        container: container.to_owned(),
        prefix,
        endpoint: take_endpoint(&mut options)?,
        account: take(&mut options, "account-name"),
        credentials: credentials(&mut options)?,
        access_tier: take(&mut options, "access-tier"),
        encryption: encryption(&mut options)?,
    })
}

fn encryption(options: &mut Options) -> Result<Option<AzureEncryption>, ConfigError> {
    match (take(options, "encryption-scope"), take(options, "encryption-key")) {
        (Some(_), Some(_)) => Err(ConfigError::Contradiction(
            "encryption-scope and encryption-key both say how objects are encrypted: set one of them",
        )),
        (Some(scope), None) => Ok(Some(AzureEncryption::Scope(scope))),
        (None, Some(key)) => encryption_key(&key).map(|key| Some(AzureEncryption::Key(Secret::new(key)))),
        (None, None) => Ok(None),
    }
}

/// Azure's keys have 32 bytes. The ancestor's users write them as they are, others in base64.
fn encryption_key(key: &str) -> Result<String, ConfigError> {
    const LENGTH: usize = 32;
    match BASE64_STANDARD.decode(key) {
        _ if key.len() == LENGTH => Ok(BASE64_STANDARD.encode(key)),
        Ok(bytes) if bytes.len() == LENGTH => Ok(key.to_owned()),
        _ => Err(ConfigError::Value {
            key: "encryption-key",
            value: "******".to_owned(),
            allowed: "a key of 32 bytes, as it is or in base64",
        }),
    }
}

fn credentials(options: &mut Options) -> Result<Option<AzureCredentials>, ConfigError> {
    match (take(options, "account-key"), take(options, "sas-token")) {
        (Some(_), Some(_)) => {
            Err(ConfigError::Contradiction("account-key and sas-token say the same: set one of them"))
        }
        (Some(key), None) => Ok(Some(AzureCredentials::AccountKey(Secret::new(key)))),
        (None, Some(token)) => Ok(Some(AzureCredentials::SasToken(Secret::new(token)))),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::SinkUri;
    use crate::store::location::{AzureCredentials, AzureEncryption};
    use crate::store::{AzureLocation, Location};

    fn location(uri: &str) -> AzureLocation {
        match SinkUri::parse(uri).expect(uri).location() {
            Location::Azure(azure) => azure.clone(),
            other => panic!("not Azure: {other}"),
        }
    }

    #[test]
    fn options_are_read_under_both_schemes() {
        for scheme in ["azblob", "azure"] {
            let azure = location(&format!(
                "{scheme}://box/p?account-name=shop&account_key=a/b+c%3D%3D&access-tier=Cool&endpoint=http://h:1/shop"
            ));
            assert_eq!((azure.container.as_str(), azure.prefix.as_ref()), ("box", "p"));
            assert_eq!(azure.account.as_deref(), Some("shop"));
            let Some(AzureCredentials::AccountKey(key)) = azure.credentials else { panic!("no key") };
            assert_eq!(key.reveal(), "a/b+c==");
            assert_eq!(azure.access_tier.as_deref(), Some("Cool"));
            assert_eq!(azure.endpoint.as_deref(), Some("http://h:1/shop"));
        }
    }

    #[test]
    fn a_signature_is_read_as_it_was_given_out() {
        let azure = location("azure://box?sas-token=sv%3D2024-01-01%26sig%3Da%252Fb%253D");
        let Some(AzureCredentials::SasToken(token)) = azure.credentials else { panic!("no token") };
        assert_eq!(token.reveal(), "sv=2024-01-01&sig=a%2Fb%3D");
    }

    #[test]
    fn a_scope_or_a_key_says_how_objects_are_encrypted() {
        let scope = location("azure://box?encryption-scope=vault").encryption;
        assert_eq!(scope, Some(AzureEncryption::Scope("vault".to_owned())));
        let in_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        for key in ["0123456789abcdef0123456789abcdef", in_base64] {
            let azure = location(&format!("azure://box?encryption_key={key}"));
            let Some(AzureEncryption::Key(key)) = &azure.encryption else { panic!("no key: {azure:?}") };
            assert_eq!(key.reveal(), in_base64);
            assert!(!format!("{azure:?}").contains("MDEy"), "{azure:?}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_and_no_secret_shown() {
        for (uri, why) in [
            ("azure:///p", "it names no bucket; write azure://container/prefix"),
            ("azure://box?account-key=shown&sas-token=shown", "set one of them"),
            ("azure://box?encryption-key=shown", "a key of 32 bytes, as it is or in base64"),
            ("azure://box?encryption-key=shown&encryption-scope=x", "both say how objects are encrypted"),
            ("azure://box?access-key=shown", "set it in the sink URI of an s3 bucket"),
        ] {
            let error = SinkUri::parse(uri).expect_err(uri).to_string();
            assert!(error.contains(why) && !error.contains("shown"), "{uri}: {error}");
        }
        let shown = format!("{:?}", location("azure://box?account-key=shown"));
        assert!(!shown.contains("shown"), "{shown}");
    }
}
