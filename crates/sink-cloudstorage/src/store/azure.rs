//! Azure Blob Storage.

use super::location::{AzureCredentials, AzureEncryption};
use super::stamp::{Signer, Stamping};
use super::{AzureLocation, bucket::Bucket, client, listening::Listening};
use object_store::Result;
use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};

/// Builds the client of a container; sends nothing yet.
pub(super) fn build(location: &AzureLocation) -> Result<Bucket<MicrosoftAzure>> {
    let environment = MicrosoftAzureBuilder::from_env();
    let set = |key| environment.get_config_value(&key).filter(|value| !value.is_empty());
    // The account is a part of an endpoint: one of the environment's goes with the account of the environment only.
    let named = location.account.is_none().then(|| set(AzureConfigKey::Endpoint)).flatten();
    let endpoint = location.endpoint.clone().or_else(|| client::endpoint_of(named));
    let account = location.account.clone().or_else(|| set(AzureConfigKey::AccountName));
    let mut builder = who_asks(location.credentials.as_ref(), environment)
        .with_container_name(&location.container)
        .with_client_options(client::options(endpoint.as_deref()))
        .with_retry(client::retry())
        .with_http_connector(Listening::default());
    if location.account.is_some() || location.endpoint.is_some() {
        // Whatever the environment says: what the URI names is meant.
        builder = builder.with_use_emulator(false);
    }
    if let Some(account) = &account {
        builder = builder.with_account(account);
    }
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let builder = encrypted(builder, location.encryption.as_ref(), account)?;
    Ok(Bucket::new(builder.build()?, location.access_tier.as_deref()))
}

fn encrypted(
    builder: MicrosoftAzureBuilder,
    encryption: Option<&AzureEncryption>,
    account: Option<String>,
) -> Result<MicrosoftAzureBuilder> {
    match encryption {
        None => Ok(builder),
        Some(AzureEncryption::Key(key)) => {
            Ok(builder.with_config(AzureConfigKey::EncryptionKey, key.reveal()))
        }
        Some(AzureEncryption::Scope(scope)) => {
            let credentials = builder.clone().build()?.credentials().clone();
            let signer =
                Signer::Azure { credentials: credentials.clone(), account: account.unwrap_or_default() };
            let stamping = Stamping::new("x-ms-encryption-scope", scope, signer)?;
            Ok(builder.with_credentials(credentials).with_http_connector(stamping))
        }
    }
}

/// Starts from the given credentials, or else from the `AZURE_*` environment; never from both.
fn who_asks(
    credentials: Option<&AzureCredentials>,
    environment: MicrosoftAzureBuilder,
) -> MicrosoftAzureBuilder {
    let builder = MicrosoftAzureBuilder::new();
    match credentials {
        None => environment,
        Some(AzureCredentials::AccountKey(key)) => builder.with_access_key(key.reveal()),
        Some(AzureCredentials::SasToken(token)) => {
            builder.with_config(AzureConfigKey::SasKey, token.reveal())
        }
    }
}
