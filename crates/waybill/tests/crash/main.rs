//! What was acknowledged is there once, whatever happens to the machine: the process is killed at each
//! call that changes the disk, in the middle of a write, at random; power is lost; the disk is full,
//! or refuses; files are torn and bits flip; the clock jumps.

mod clock;
mod commands;
#[path = "../daemon/mod.rs"]
mod daemon;
mod damage;
mod disk;
mod kills;
mod serve;
