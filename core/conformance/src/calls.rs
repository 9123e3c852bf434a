//! Every verb of a plugin, with what may come of a call of it.

use std::{pin::Pin, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::Value;
use slipway_plugin::{Call, Check, EffectClass, Format, Kind, PluginError, Plugins, Router, Target};

use crate::samples::{artifact, instance, name, place, render_input, revision, routing, subject, task};

/// As a document, so that two can be compared.
pub(crate) type Answer = Result<Value, PluginError>;
type Answered = Pin<Box<dyn Future<Output = Answer> + Send>>;

pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// The greatest effect that it may have.
    pub(crate) most: EffectClass,
    call: Box<dyn Fn(Call, Value) -> Answered + Send + Sync>,
}

impl Verb {
    /// With these settings.
    pub(crate) async fn call(&self, call: Call, settings: &Value) -> Answer {
        (self.call)(call, settings.clone()).await
    }
}

/// Of one plugin, whatever it is.
pub(crate) async fn verbs(plugins: &dyn Plugins, kind: Kind, name: &str) -> Result<Vec<Verb>, PluginError> {
    Ok(match kind {
        Kind::Format => of_format(&plugins.format(name).await?),
        Kind::Target => of_target(&plugins.target(name).await?),
        Kind::Router => of_router(&plugins.router(name).await?),
        Kind::Check => of_check(&plugins.check(name).await?),
    })
}

fn of_format(plugin: &Arc<dyn Format>) -> Vec<Verb> {
    use EffectClass::Read;
    vec![
        verb("inspect", Read, plugin, |plugin, call, settings| async move {
            document(plugin.inspect(call, artifact(&settings), Vec::new()).await?)
        }),
        verb("assemble", Read, plugin, |plugin, call, settings| async move {
            document(plugin.assemble(call, artifact(&settings), Value::Null).await?)
        }),
        verb("render", Read, plugin, |plugin, call, settings| async move {
            document(plugin.render(call, render_input(&settings)).await?)
        }),
        verb("show", Read, plugin, |plugin, call, settings| async move {
            document(plugin.show(call, render_input(&settings)).await?)
        }),
    ]
}

fn of_target(plugin: &Arc<dyn Target>) -> Vec<Verb> {
    use EffectClass::{Idempotent, Once, Read};
    vec![
        verb("abilities", Read, plugin, |plugin, _, settings| async move {
            document(plugin.abilities(place(&settings)).await?)
        }),
        verb("observe", Read, plugin, |plugin, call, settings| async move {
            document(plugin.observe(call, place(&settings)).await?)
        }),
        verb("plan", Read, plugin, |plugin, call, settings| async move {
            document(plugin.plan(call, place(&settings), vec![instance()]).await?)
        }),
        verb("claim", Idempotent, plugin, |plugin, call, settings| async move {
            document(
                plugin
                    .claim(call, place(&settings), "somebody".to_owned(), 30)
                    .await?,
            )
        }),
        verb("guard", Idempotent, plugin, |plugin, call, settings| async move {
            document(plugin.guard(call, place(&settings), 30).await?)
        }),
        verb("start", Once, plugin, |plugin, call, settings| async move {
            document(plugin.start(call, place(&settings), instance()).await?)
        }),
        verb("adopt", Once, plugin, |plugin, call, settings| async move {
            document(plugin.adopt(call, place(&settings), instance(), false).await?)
        }),
        verb("probe", Read, plugin, |plugin, call, settings| async move {
            let wait = Duration::from_millis(10);
            document(
                plugin
                    .probe(call, place(&settings), name(), String::new(), wait)
                    .await?,
            )
        }),
        verb("hold", Once, plugin, |plugin, call, settings| async move {
            document(plugin.hold(call, place(&settings), name(), true).await?)
        }),
        verb("stop", Once, plugin, |plugin, call, settings| async move {
            document(plugin.stop(call, place(&settings), name()).await?)
        }),
        verb("logs", Read, plugin, |plugin, call, settings| async move {
            document(plugin.logs(call, place(&settings), name(), String::new()).await?)
        }),
        verb("cleanup", Once, plugin, |plugin, call, settings| async move {
            document(plugin.cleanup(call, place(&settings), revision()).await?)
        }),
        verb(
            "execute",
            Idempotent,
            plugin,
            |plugin, call, settings| async move {
                let wait = Duration::from_millis(10);
                document(
                    plugin
                        .execute(call, place(&settings), task(), false, wait)
                        .await?,
                )
            },
        ),
        verb("dismiss", Once, plugin, |plugin, call, settings| async move {
            document(plugin.dismiss(call, place(&settings), task()).await?)
        }),
    ]
}

fn of_router(plugin: &Arc<dyn Router>) -> Vec<Verb> {
    use EffectClass::{Once, Read};
    vec![
        verb("abilities", Read, plugin, |plugin, _, settings| async move {
            document(plugin.abilities(place(&settings)).await?)
        }),
        verb("port", Read, plugin, |plugin, call, settings| async move {
            document(plugin.port(call, place(&settings)).await?)
        }),
        verb("observe", Read, plugin, |plugin, call, settings| async move {
            document(plugin.observe(call, place(&settings)).await?)
        }),
        verb("route", Once, plugin, |plugin, call, settings| async move {
            document(plugin.route(call, place(&settings), routing()).await?)
        }),
        verb("drain", Read, plugin, |plugin, call, settings| async move {
            document(plugin.drain(call, place(&settings), name()).await?)
        }),
        verb("logs", Read, plugin, |plugin, call, settings| async move {
            document(plugin.logs(call, place(&settings), String::new()).await?)
        }),
        verb("metrics", Read, plugin, |plugin, call, settings| async move {
            document(plugin.metrics(call, place(&settings)).await?)
        }),
        verb("remove", Once, plugin, |plugin, call, settings| async move {
            document(plugin.remove(call, place(&settings)).await?)
        }),
    ]
}

fn of_check(plugin: &Arc<dyn Check>) -> Vec<Verb> {
    vec![verb(
        "check",
        EffectClass::Read,
        plugin,
        |plugin, call, settings| async move { document(plugin.check(call, settings, subject()).await?) },
    )]
}

fn verb<P, F>(
    name: &'static str,
    most: EffectClass,
    plugin: &Arc<P>,
    ask: impl Fn(Arc<P>, Call, Value) -> F + Send + Sync + 'static,
) -> Verb
where
    P: ?Sized + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let plugin = Arc::clone(plugin);
    Verb {
        name,
        most,
        call: Box::new(move |call, settings| Box::pin(ask(Arc::clone(&plugin), call, settings))),
    }
}

fn document<T: Serialize>(answer: T) -> Answer {
    Ok(serde_json::to_value(answer).unwrap_or_default())
}
