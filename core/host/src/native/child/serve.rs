//! The process from its beginning to its end.

use std::{process::ExitCode, sync::OnceLock};

use super::{
    confine,
    image::{Image, Loaded},
    pipe::{self, Pipe},
};
use crate::native::frame::{Frame, Kind, Unreadable};

/// The library asks through it while it is asked.
pub(super) static PIPE: OnceLock<Pipe> = OnceLock::new();

/// The whole process that a host starts for a native library. What it has been started with, arguments and environment, means
/// nothing; it ends when the host closes its pipe.
pub fn serve() -> ExitCode {
    let Ok(pipe) = pipe::take() else {
        return ExitCode::FAILURE;
    };
    let pipe = PIPE.get_or_init(|| pipe);
    let Ok(frame) = pipe.read() else {
        return ExitCode::FAILURE;
    };
    let loaded = match load(frame) {
        Ok((loaded, lacking)) => pipe.write(Kind::Ready, "", lacking.as_bytes()).map(|()| loaded),
        Err(why) => {
            // The host may be gone, and knows then.
            let _ = pipe.write(Kind::Broke, "", why.as_bytes());
            return ExitCode::FAILURE;
        }
    };
    match loaded
        .map_err(Unreadable::from)
        .and_then(|loaded| answer(pipe, &loaded))
    {
        Ok(()) | Err(Unreadable::Closed) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn load(frame: Frame) -> Result<(Loaded, String), String> {
    let nonsense = || "it was started by something else than a host".to_owned();
    if frame.kind != Kind::Load {
        return Err(nonsense());
    }
    let (memory, rest) = frame.bytes.split_first_chunk::<8>().ok_or_else(nonsense)?;
    let (unconfined, library) = rest.split_first().ok_or_else(nonsense)?;
    let image = Image::new(library)?;
    let (memory, unconfined) = (u64::from_le_bytes(*memory), *unconfined != 0);
    let lacking = confine::confine(memory, library.len() as u64);
    if !lacking.is_empty() && !unconfined {
        return Err(format!(
            "this machine cannot confine it: {}; the operator can let it be loaded all the same: `[native] unconfined = true`",
            lacking.join(", ")
        ));
    }
    Ok((image.load(&frame.name)?, lacking.join(", ")))
}

fn answer(pipe: &Pipe, loaded: &Loaded) -> Result<(), Unreadable> {
    loop {
        let frame = pipe.read()?;
        if frame.kind != Kind::Call {
            return Err(Unreadable::Garbage);
        }
        match loaded.ask(&frame.name, &frame.bytes) {
            Ok(answer) => pipe.write(Kind::Answer, "", answer)?,
            Err(why) => pipe.write(Kind::Broke, "", why.as_bytes())?,
        }
    }
}
