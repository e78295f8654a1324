//! For tests: small servers on this machine, and AWS clients that call them.

use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;

use crate::clients::{Aws, Endpoint};

/// Serves until the test's runtime ends; gives the URL.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

pub(crate) fn aws_at(url: String) -> Aws {
    Aws::at(Endpoint {
        url,
        region: "eu-central-1".into(),
        access_key_id: "test".into(),
        secret_access_key: "test".into(),
    })
}
