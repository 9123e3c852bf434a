//! What is known of a revision from elsewhere than its logs: the router's counts, and measured values.

use serde_json::json;
use slipway_journal::Class;
use slipway_manifest::{Analysis, Evidence, MetricSource, ValueFrom};
use slipway_model::Digest;
use slipway_plugin::Instance;

use super::{Executor, soak::Watch};
use crate::{
    Failed, RunError,
    judge::{
        Counted, Measured, Sample, Selector, address, document, document_of, printed, query, requests,
        scrape, since,
    },
};

impl Executor<'_> {
    /// What came to the router since the last look, of each revision.
    pub(super) async fn requests(
        &self,
        key: &str,
        revisions: &[Digest],
        analyses: &[&Analysis],
        watch: &mut Watch,
    ) -> Result<(), RunError> {
        let counting = analyses.iter().filter_map(|analysis| match &analysis.evidence {
            Evidence::Traffic { events, .. } => Some((analysis, events)),
            _ => None,
        });
        let counting: Vec<_> = counting.collect();
        if counting.is_empty() {
            return Ok(());
        }
        let page = self.router_page(&format!("{key}/requests")).await?;
        for (analysis, events) in counting {
            for revision in revisions {
                let place = (*revision, analysis.name.clone());
                let counted = match watch.compares_apart(analysis, *revision) {
                    true => Counted::Baseline,
                    false => Counted::All,
                };
                let now = (page.as_ref())
                    .map_err(Clone::clone)
                    .and_then(|page| requests(page, (*revision, counted), events));
                let sample = watch.samples.entry(place.clone()).or_default();
                match now {
                    Ok(now) => {
                        if let Some(before) = watch.requests.insert(place, now) {
                            sample.tallies.push(since(before, now));
                        }
                        sample.trouble = None;
                    }
                    Err(trouble) => sample.trouble = Some(trouble),
                }
            }
        }
        Ok(())
    }

    /// That the router does not answer is evidence as well.
    async fn router_page(&self, key: &str) -> Result<Result<String, String>, RunError> {
        let Some(at) = &self.site.router else {
            return Ok(Err("there is no router that counts requests".to_owned()));
        };
        let page = self
            .run
            .call(key, json!("metrics"), |call| {
                at.router.metrics(self.site.router_grants(call), at.place.clone())
            })
            .await;
        match page {
            Ok(page) => Ok(Ok(page)),
            Err(RunError::Failed(failed)) => Ok(Err(failed.message)),
            Err(other) => Err(other),
        }
    }

    /// What a source says of a revision now. That nothing could be measured is evidence as well.
    pub(super) async fn measure(
        &self,
        key: &str,
        source: &MetricSource,
        revision: Digest,
        instances: &[Instance],
    ) -> Result<Result<Measured, String>, RunError> {
        if let MetricSource::Plugin { asked, timeout } = source {
            return self
                .plugin_numbers(key, (asked, *timeout), revision, instances)
                .await;
        }
        let request = json!({ "measure": revision });
        let own: Vec<&Instance> = (instances.iter())
            .filter(|instance| instance.revision == revision)
            .collect();
        self.run
            .activity(key, Class::Read, request, || async {
                Ok(self.measured(source, revision, &own).await)
            })
            .await
    }

    async fn measured(
        &self,
        source: &MetricSource,
        revision: Digest,
        instances: &[&Instance],
    ) -> Result<Measured, String> {
        let (reach, http) = (self.site.reach(self.engine), self.engine.http.as_ref());
        let endpoint = async |name: &str| {
            let endpoint = self.engine.operator.endpoint(name).await;
            endpoint.map_err(|failed: Failed| failed.message)
        };
        let of_revision = |text: &str| text.replace("${revision}", &revision.hex());
        let mut values = Vec::new();
        match source {
            MetricSource::Prometheus {
                endpoint: name,
                query: text,
            } => {
                let found = query(http, &endpoint(name).await?, &of_revision(text)).await?;
                return Ok(found.map(Measured::value).unwrap_or_default());
            }
            MetricSource::Command { run, timeout } => {
                return printed(&reach, run, (revision, instances), *timeout).await;
            }
            MetricSource::Http {
                from: ValueFrom::Endpoint(name),
                path,
                pointer,
            } => {
                let found = document(http, &endpoint(name).await?, &of_revision(path), pointer).await?;
                return Ok(Measured::value(found));
            }
            MetricSource::Http {
                from: ValueFrom::Port(port),
                path,
                pointer,
            } => {
                let path = of_revision(path);
                for instance in instances {
                    values.push(document_of(&reach, &address(instance, port)?, &path, pointer).await?);
                }
            }
            MetricSource::Scrape { path, port, metric } => {
                let selector =
                    Selector::parse(metric).ok_or_else(|| format!("`{metric}` is not a metric"))?;
                for instance in instances {
                    values.push(scrape(&reach, &address(instance, port)?, path, &selector).await?);
                }
            }
            // Its calls are recorded by themselves.
            MetricSource::Plugin { asked, .. } => {
                return Err(format!("plugin {} is not asked here", asked.plugin));
            }
        }
        mean(&values)
    }
}

impl Sample {
    pub(super) fn add(&mut self, measured: Measured) {
        self.values.extend(measured.values);
        self.tallies.extend(measured.tallies);
        self.example = measured.example.or(self.example.take());
    }
}

/// Over the revision's instances.
fn mean(values: &[f64]) -> Result<Measured, String> {
    match values.len() {
        0 => Err("there is no instance to ask".to_owned()),
        count => Ok(Measured::value(values.iter().sum::<f64>() / count as f64)),
    }
}
