//! A client's connections, listened to: what the store says of its load must reach the sink, which decides how many
//! requests are sent at once, though the client tries again by itself.

use async_trait::async_trait;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::{ClientOptions, Result};
use stage_writer::asks_for_patience;

/// Makes connections as the client does by default.
#[derive(Debug, Default)]
pub(super) struct Listening(ReqwestConnector);

#[derive(Debug)]
struct Listener(HttpClient);

impl HttpConnector for Listening {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        Ok(HttpClient::new(Listener(self.0.connect(options)?)))
    }
}

#[async_trait]
impl HttpService for Listener {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.execute(request).await;
        // 429 and 503 are asked for patience in words, and what fails in a store or on the way is overloaded more
        // often than broken.
        let is_trouble = answer.as_ref().map_or(true, |answer| {
            let status = answer.status();
            status.as_u16() == 429 || status.is_server_error()
        });
        if is_trouble {
            asks_for_patience();
        }
        answer
    }
}
