//! Logs and metrics of the process.

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{Config, LogFormat};

/// Bounds of histograms that are named `..._seconds`.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Starts logging to standard error and counting; returns what renders `/metrics`.
pub fn start(config: &Config) -> anyhow::Result<PrometheusHandle> {
    let filter: EnvFilter = config.log.parse().context("wrong setting `log`")?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    match config.log_format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics cannot be recorded")
}
