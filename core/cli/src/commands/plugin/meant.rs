//! Which plugins a person means: those of a file, or those of a name.

use std::{path::Path, sync::Arc};

use slipway_plugin::{PluginInfo, Plugins as _};

use crate::{context::Context, error::CommandError, plugins::Stock};

/// At least one, and where they are. `nothing` says what else there could have been, such as `no file`.
pub(super) async fn meant(
    context: &Context,
    plugin: &Path,
    nothing: &str,
) -> Result<(Arc<Stock>, Vec<PluginInfo>), CommandError> {
    if plugin.is_file() {
        let stock = Stock::of_file(plugin, context.operator.native())?;
        let all = stock.host.list();
        return Ok((stock.into(), all));
    }
    let stock = context.usable_plugins().await;
    let mut named = stock.host.list();
    named.retain(|info| plugin.as_os_str() == info.name.as_str());
    if named.is_empty() {
        let text = format!(
            "there is {nothing} `{}`, and no plugin of this name",
            plugin.display()
        );
        return Err(CommandError::usage(text).hint("`slipway plugin list` lists all plugins"));
    }
    Ok((stock, named))
}
