//! Finds the directories that have expired, level by level.

use super::rule::{Rule, Verdict};
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use stage_writer::{Error, Remote};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Directories that are listed side by side: a share of the request limit, which rows need more.
const LISTS: usize = 8;

/// Every directory that has expired, as they are found. What is on the way at once is bounded by the directories of one
/// database, of one table and of one version.
pub(super) fn expired(remote: Remote, rule: Rule) -> impl futures::Stream<Item = Result<Path, Error>> {
    let walk = Walk { remote, rule: Arc::new(rule), lists: Arc::new(Semaphore::new(LISTS)) };
    walk.below(Path::default())
}

#[derive(Clone)]
struct Walk {
    remote: Remote,
    rule: Arc<Rule>,
    lists: Arc<Semaphore>,
}

impl Walk {
    fn below(self, directory: Path) -> BoxStream<'static, Result<Path, Error>> {
        let walk = self.clone();
        let children = async move { walk.children(&directory).await };
        stream::once(children)
            .map_ok(move |(expired, others)| {
                let walk = self.clone();
                let deeper =
                    stream::iter(others).flat_map_unordered(LISTS, move |child| walk.clone().below(child));
                stream::iter(expired).map(Ok).chain(deeper)
            })
            .try_flatten()
            .boxed()
    }

    /// The sub-directories that have expired, and those to look into.
    async fn children(&self, directory: &Path) -> Result<(Vec<Path>, Vec<Path>), Error> {
        let names = {
            // Nobody closes it.
            let _list = self.lists.acquire().await;
            self.remote.directories_in(directory).await?
        };
        let (mut expired, mut others) = (Vec::new(), Vec::new());
        for name in names {
            // As the store spells it: names in keys are verbatim. What is no key is nothing of ours.
            let Ok(child) = Path::parse(format!("{directory}/{name}")) else { continue };
            match self.rule.judge(child.as_ref()) {
                Verdict::Expired => expired.push(child),
                Verdict::Descend => others.push(child),
                Verdict::Stays => {}
            }
        }
        Ok((expired, others))
    }
}
