//! The parameters of the sink URI that are about Azure Blob Storage.

use super::{Options, refuse, take, take_endpoint};
use crate::config::ConfigError;
use crate::store::location::AzureCredentials;
use crate::store::{AzureLocation, Secret};
use object_store::path::Path;

pub(super) fn location(
    container: &str,
    prefix: Path,
    mut options: Options,
) -> Result<AzureLocation, ConfigError> {
    refuse(&options, &["encryption-scope", "encryption-key"])?;
    Ok(AzureLocation {
        container: container.to_owned(),
        prefix,
        endpoint: take_endpoint(&mut options)?,
        account: take(&mut options, "account-name"),
        credentials: credentials(&mut options)?,
        access_tier: take(&mut options, "access-tier"),
    })
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
    use crate::store::location::AzureCredentials;
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
    fn what_cannot_be_done_is_refused_and_no_secret_shown() {
        for (uri, why) in [
            ("azure:///p", "it names no bucket; write azure://container/prefix"),
            ("azure://box?account-key=shown&sas-token=shown", "set one of them"),
            ("azure://box?encryption-key=shown", "encryption-key is not supported yet"),
            ("azure://box?encryption-scope=x", "encryption-scope is not supported yet"),
            ("azure://box?access-key=shown", "set it in the sink URI of an s3 bucket"),
        ] {
            let error = SinkUri::parse(uri).expect_err(uri).to_string();
            assert!(error.contains(why) && !error.contains("shown"), "{uri}: {error}");
        }
        let shown = format!("{:?}", location("azure://box?account-key=shown"));
        assert!(!shown.contains("shown"), "{shown}");
    }
}
