//! Google Cloud Storage.

use super::{GcsLocation, bucket::Bucket, client, listening::Listening};
use object_store::Result;
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};

/// Builds the client of a bucket; sends nothing yet.
///
/// Who asks is said by the location's file, or else by the `GOOGLE_*` environment, gcloud's own file or the machine.
pub(super) fn build(location: &GcsLocation) -> Result<Bucket<GoogleCloudStorage>> {
    let environment = GoogleCloudStorageBuilder::from_env();
    let named = || client::endpoint_of(environment.get_config_value(&GoogleConfigKey::BaseUrl));
    let endpoint = location.endpoint.clone().or_else(named);
    let mut builder = match &location.credentials_file {
        Some(file) => GoogleCloudStorageBuilder::new().with_service_account_path(file.to_string_lossy()),
        None => environment,
    };
    builder = builder
        .with_bucket_name(&location.bucket)
        .with_client_options(client::options(endpoint.as_deref()))
        .with_retry(client::retry())
        .with_http_connector(Listening::default());
    if let Some(endpoint) = endpoint {
        builder = builder.with_base_url(&endpoint);
    }
    Ok(Bucket::new(builder.build()?, location.storage_class.as_deref()))
}
