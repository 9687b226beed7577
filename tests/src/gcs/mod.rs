//! A private GCS server, in this process: the XML API, as far as the sink's client speaks it.
//!
//! No package has one that knows generations and the XML API, so this is our own reading of Google's pages
//! (<https://cloud.google.com/storage/docs/xml-api/overview>). It is strict where the real one is: a bucket must have been
//! made, a generation must match, all parts but the last have 5 MiB, and deleting what is not there is a 404.
//!
//! | room | what lives there |
//! |---|---|
//! | [`server`] | the server: how it is started, and who may come in |
//! | [`tokens`] | bearer tokens that end, and the metadata server that hands them out |
//! | `call` | one request, taken apart |
//! | `answer` | answers, and the errors among them |
//! | `buckets` | what the server keeps |
//! | `objects` | put, get, head and delete |
//! | `conditions` | under which conditions a get is answered, and which part of the object it wants |
//! | `listing` | keys of a bucket, page by page |
//! | `multipart` | objects in parts |

mod answer;
mod buckets;
mod call;
mod conditions;
mod listing;
mod multipart;
mod objects;
pub mod server;
pub mod tokens;

pub use server::{Gcs, Manners};
pub use tokens::Tokens;
