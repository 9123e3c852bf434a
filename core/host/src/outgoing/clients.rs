//! Pools of connections: one for the web, one for each socket, one for each way of trusting and being trusted.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use reqwest::{Certificate, Client, ClientBuilder, Identity, redirect::Policy};
use slipway_plugin::{Address, Endpoint, Tls};

#[derive(Default)]
pub(crate) struct Clients {
    pools: Mutex<HashMap<Pool, Client>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pool {
    Web,
    Socket(PathBuf),
    Trusting(Tls),
}

impl Clients {
    pub(crate) fn of(&self, endpoint: &Endpoint) -> Result<Client, String> {
        let pool = match (&endpoint.address, &endpoint.tls) {
            (Address::Unix(path), _) => Pool::Socket(path.clone()),
            (Address::Url(_), Some(tls)) => Pool::Trusting(Tls::clone(tls)),
            (Address::Url(_), None) => Pool::Web,
        };
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pools.get(&pool) {
            return Ok(client.clone());
        }
        let client = build(&pool)?;
        pools.insert(pool, client.clone());
        Ok(client)
    }
}

fn build(pool: &Pool) -> Result<Client, String> {
    // Fails only if the program has chosen already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never());
    let builder = match pool {
        Pool::Web => builder,
        Pool::Socket(path) => builder.unix_socket(path.as_path()),
        Pool::Trusting(tls) => trusting(builder, tls)?,
    };
    builder.build().map_err(|error| error.to_string())
}

fn trusting(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, String> {
    if let Some(authorities) = &tls.authorities {
        let parsed = Certificate::from_pem_bundle(authorities.as_bytes())
            .map_err(|error| format!("its certificate authorities cannot be read: {error}"))?;
        builder = builder.tls_certs_only(parsed);
    }
    if let Some(identity) = &tls.identity {
        // The error may quote what it could not read.
        let parsed = Identity::from_pem(identity.reveal().as_bytes())
            .map_err(|_| "the client certificate and its key cannot be read: PEM is expected".to_owned())?;
        builder = builder.identity(parsed);
    }
    Ok(builder.tls_danger_accept_invalid_certs(tls.insecure))
}
