//! A local directory whose writes survive a crash.
//!
//! ```text
//! put / complete ── <name>#<random> in the same directory ── write ── fsync
//!                      ├─ create:    link to <name>, refused if taken; unlink the temporary name
//!                      └─ overwrite: rename to <name>
//!                   ── fsync the directory                      (its parents were synced when first used)
//! ```
//! A name is visible with all its bytes or not at all, and an answered put outlives a power cut. What a crash
//! leaves behind is a temporary name. `#` and digits at the end of a name are reserved for those: the store lists
//! and opens no such file, and no name of the layout ends so.
//!
//! [`LocalFileSystem`](object_store::local::LocalFileSystem) can sync by itself, but takes a directory that it did
//! not make as durable, though another put may have made it a moment ago and not have synced it yet. It also gives
//! an upload its final name when one of its parts failed. Writing is therefore done here, and reading there.
//!
//! | room | what lives there |
//! |---|---|
//! | `directories` | directories whose entries are known to be durable |
//! | `staged_file` | a file under its temporary name |
//! | `file_work` | work on files, off the async threads |
//! | `upload` | a multipart upload |

mod directories;
mod file_work;
mod staged_file;
mod store;
mod upload;

pub use store::DurableLocal;
