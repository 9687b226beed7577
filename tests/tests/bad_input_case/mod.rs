//! One run that cannot work, and what it must say.

use object_store::local::LocalFileSystem;
use tests::{Spillway, contents};

/// Where a password or key is given, it is this one.
pub const SECRET: &str = "hunter2-must-never-be-shown";

/// One run that cannot work.
pub struct Case {
    source: String,
    sink: Option<String>,
    parameters: String,
    config: Option<String>,
    argument: Option<String>,
    environment: Option<(String, String)>,
}

impl Case {
    /// From a source into a new folder, with these parameters of the sink URI.
    pub fn new(source: &str, parameters: &str) -> Self {
        Self {
            source: source.to_owned(),
            sink: None,
            parameters: parameters.to_owned(),
            config: None,
            argument: None,
            environment: None,
        }
    }

    /// To somewhere else than a new folder.
    pub fn sink(self, uri: &str) -> Self {
        Self { sink: Some(uri.to_owned()), ..self }
    }

    pub fn config(self, toml: &str) -> Self {
        Self { config: Some(toml.to_owned()), ..self }
    }

    pub fn arg(self, argument: &str) -> Self {
        Self { argument: Some(argument.to_owned()), ..self }
    }

    pub fn env(self, name: &str, value: &str) -> Self {
        Self { environment: Some((name.to_owned(), value.to_owned())), ..self }
    }

    /// It ends with exit code 2 and one sentence that has all these words, shows no secret, and leaves nothing.
    pub async fn fails_in_the_input(self, says: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let usual = format!("file://{}?{}", folder.path().display(), self.parameters);
        let mut command = Spillway::new(&self.source, self.sink.unwrap_or(usual));
        if let Some(toml) = self.config {
            command = command.config(&toml);
        }
        if let Some(argument) = self.argument {
            command = command.arg(argument);
        }
        if let Some((name, value)) = self.environment {
            command = command.env(&name, &value);
        }
        let ended = command.run().await;
        let error = ended.failed(2);
        println!("{error}");
        for word in says {
            assert!(error.contains(word), "{word:?} is not in {error:?}");
        }
        assert_eq!(
            ended.stderr.trim_end().lines().last(),
            Some(error),
            "one sentence on one line: {}",
            ended.stderr
        );
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!said.contains(SECRET), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let left = contents(&store, "").await.unwrap();
        assert!(left.is_empty(), "{:?}", left.keys());
    }
}
