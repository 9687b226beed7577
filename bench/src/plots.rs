//! The report's plots, as SVG.

use pipeline_core::BoxError;
use plotters::coord::Shift;
use plotters::prelude::*;
use serde_json::{Map, Value};
use std::path::Path;

type Reports = [Map<String, Value>];
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const SIZE: (u32, u32) = (720, 400);
const OURS: RGBColor = RGBColor(31, 119, 180);
const OTHER: RGBColor = RGBColor(200, 200, 200);
const BOUND: RGBColor = RGBColor(214, 39, 40);

/// Draws all plots into a directory.
pub(crate) fn draw(reports: &Reports, directory: &Path) -> Result<(), BoxError> {
    hot(reports, &directory.join("hot.svg"))?;
    let number = |run: &str, key: &str| figure(reports, run, key);
    bars(
        &directory.join("encode.svg"),
        "Encoding sysbench rows",
        "times as fast as",
        &[
            ("csv crate, no quotes", number("encode", "times_csv_crate_without_quotes")),
            ("csv crate, our bytes", number("encode", "times_csv_crate_at_our_quotes")),
            ("serde_json", number("encode", "times_serde_json")),
        ],
        Some(1.0),
    )?;
    bars(
        &directory.join("spill.svg"),
        "Spilling to disk (MB/s)",
        "MB/s",
        &[
            ("dd", number("spill", "dd_mb_per_second")),
            ("dd, fdatasync", number("spill", "dd_fdatasync_mb_per_second")),
            ("spilling", number("spill", "spilling_mb_per_second")),
            ("and reading back", number("spill", "beside_reading_mb_per_second")),
        ],
        None,
    )?;
    bars(
        &directory.join("memory.svg"),
        "Peak memory over the bound (MiB); at most 64 are allowed",
        "MiB",
        &[
            ("1,000 tables, 100 rows", number("stalled", "peak_rss_over_bound_mib")),
            ("1,000 tables, 1 row", number("stalled --transaction 1", "peak_rss_over_bound_mib")),
        ],
        Some(64.0),
    )?;
    bars(
        &directory.join("tables.svg"),
        "1,000 tables, 50 ms a request, 512 requests in flight",
        "files/s",
        &[
            ("100 rows", number("tables", "files_per_second")),
            ("its law", number("tables", "law_files_per_second")),
            ("1 row", number("tables --transaction 1", "files_per_second")),
            ("its law", number("tables --transaction 1", "law_files_per_second")),
        ],
        None,
    )?;
    latencies(reports, &directory.join("latency.svg"))
}

/// A figure of the first run of that name which has it.
fn figure(reports: &Reports, run: &str, key: &str) -> f64 {
    let of_run = reports.iter().filter(|report| report.get("run").and_then(Value::as_str) == Some(run));
    of_run.filter_map(|report| report.get(key)?.as_f64()).next().unwrap_or(0.0)
}

fn area(path: &Path) -> Result<Area<'_>, BoxError> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    Ok(area)
}

/// Throughput of one hot table against the uploads at once.
fn hot(reports: &Reports, path: &Path) -> Result<(), BoxError> {
    let points: Vec<(f64, f64)> = reports
        .iter()
        .filter(|report| report.get("run").and_then(Value::as_str) == Some("hot"))
        .filter_map(|report| {
            Some((report.get("uploads_at_once")?.as_f64()?, report.get("megabytes_per_second")?.as_f64()?))
        })
        .collect();
    let Some(&(_, one)) = points.first() else { return Ok(()) };
    let area = area(path)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("One hot table: 8 MiB files, 50 ms a request, 20 MB/s a connection", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..17.0, 0.0..one * 17.0)?;
    chart.configure_mesh().x_desc("uploads at once").y_desc("MB/s").draw()?;
    let linear = LineSeries::new([(0.0, 0.0), (16.0, one * 16.0)], OTHER.stroke_width(2));
    chart.draw_series(linear)?.label("linear").legend(key(OTHER));
    chart
        .draw_series(LineSeries::new(points.iter().copied(), OURS.stroke_width(2)))?
        .label("measured")
        .legend(key(OURS));
    chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, OURS.filled())))?;
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(OTHER)
        .draw()?;
    Ok(area.present()?)
}

fn key(color: RGBColor) -> impl Fn((i32, i32)) -> PathElement<(i32, i32)> {
    move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2))
}

/// One bar a figure, with its number above, and a line to compare them with.
fn bars(
    path: &Path,
    title: &str,
    unit: &str,
    figures: &[(&str, f64)],
    line: Option<f64>,
) -> Result<(), BoxError> {
    let most = figures.iter().map(|(_, value)| *value).chain(line).fold(0.0, f64::max).max(1e-9);
    let least = figures.iter().map(|(_, value)| *value).fold(0.0, f64::min);
    let area = area(path)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..figures.len() as f64, least * 1.15..most * 1.15)?;
    let name = |at: &f64| {
        let middle = (at.fract() - 0.5).abs() < 1e-6;
        figures.get(*at as usize).filter(|_| middle).map_or(String::new(), |(name, _)| (*name).to_owned())
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(2 * figures.len() + 1)
        .x_label_formatter(&name)
        .y_desc(unit)
        .draw()?;
    for (at, (_, value)) in figures.iter().enumerate() {
        let (left, right) = (at as f64 + 0.2, at as f64 + 0.8);
        chart.draw_series([Rectangle::new([(left, 0.0), (right, *value)], OURS.filled())])?;
        let text = if value.abs() < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") };
        let place = (left + 0.05, value.max(0.0) + most * 0.06);
        chart.draw_series([Text::new(text, place, ("sans-serif", 15))])?;
    }
    if let Some(line) = line {
        let ends = [(0.0, line), (figures.len() as f64, line)];
        chart.draw_series(LineSeries::new(ends, BOUND.stroke_width(2)))?;
    }
    Ok(area.present()?)
}

/// Percentiles of wakes and of rows becoming visible, in the runs with an offered load.
fn latencies(reports: &Reports, path: &Path) -> Result<(), BoxError> {
    let area = area(path)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("1,000 tables at an offered load, flush-interval 5 s", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..4.0, (0.001..20_000.0).log_scale())?;
    let names = ["p50", "p99", "p99.9", "max"];
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(9)
        .x_label_formatter(&|at: &f64| {
            let middle = (at.fract() - 0.5).abs() < 1e-6;
            names.get(*at as usize).filter(|_| middle).map_or(String::new(), |name| (*name).to_owned())
        })
        .y_desc("milliseconds")
        .draw()?;
    let lines = [
        ("tables --rate 200000", "wake", "wake, 200,000 rows/s by 100", OURS),
        ("tables --rate 20000 --transaction 1", "wake", "wake, 20,000 rows/s by 1", GREEN),
        ("tables --rate 200000", "row_to_visible", "visible, 200,000 rows/s by 100", BOUND),
        ("tables --rate 20000 --transaction 1", "row_to_visible", "visible, 20,000 rows/s by 1", BLACK),
    ];
    for (run, what, label, color) in lines {
        let Some(report) =
            reports.iter().find(|report| report.get("run").and_then(Value::as_str) == Some(run))
        else {
            continue;
        };
        let points: Vec<(f64, f64)> = ["p50_ms", "p99_ms", "p999_ms", "max_ms"]
            .iter()
            .enumerate()
            .filter_map(|(at, name)| {
                Some((at as f64 + 0.5, report.get(what)?.get(name)?.as_f64()?.max(0.001)))
            })
            .collect();
        chart
            .draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?
            .label(label)
            .legend(key(color));
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .background_style(WHITE)
        .border_style(OTHER)
        .draw()?;
    Ok(area.present()?)
}
