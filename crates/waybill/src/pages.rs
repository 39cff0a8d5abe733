//! `waybill completions` and `waybill man`: what shells and `man` know of the command line.

use crate::Ended;
use crate::args::{Args, Completions, Man};
use crate::asker::Asker;
use anyhow::Context;
use clap::CommandFactory;

pub(crate) fn completions(command: &Completions, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let mut text = Vec::new();
    clap_complete::generate(command.shell, &mut Args::command(), "waybill", &mut text);
    asker.out.write_all(&text)?;
    Ok(Ended::Answered)
}

pub(crate) fn man(command: &Man) -> anyhow::Result<Ended> {
    let folder = &command.folder;
    let writing = || format!("cannot write to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(writing)?;
    clap_mangen::generate_to(Args::command(), folder).with_context(writing)?;
    Ok(Ended::Answered)
}
