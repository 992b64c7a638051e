//! The test picture: every frame carries its own number and the wall clock,
//! painted in black and white cells that survive any codec.
//!
//! The grid has 8 x 8 cells. Rows 0 and 1 hold the frame number (16 bits, least
//! significant first, white is 1), rows 2 and 3 the same bits inverted as a
//! check, rows 4 to 7 the wall clock in hundredths of a second (32 bits) in Gray
//! code, so that a clock that ticks while the picture is painted is wrong by
//! one tick at most.

use std::time::{SystemTime, UNIX_EPOCH};

/// Cells in a row and rows in the grid.
pub const GRID: usize = 8;
/// Frames per second of every test stream.
pub const FRAME_RATE: u32 = 30;
/// Picture width in pixels.
pub const WIDTH: u32 = 320;
/// Picture height in pixels.
pub const HEIGHT: u32 = 192;

/// What one picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The frame's number.
    pub number: u16,
    /// When it was painted, in hundredths of a second of Unix time, modulo 2^32.
    pub painted_cs: u32,
}

/// ffmpeg's description of an endless source of these pictures, numbered from `first`.
pub fn source(first: u16) -> String {
    let number = format!("mod(floor((N+{first})/pow(2\\,mod(X+8*Y\\,16)))+gte(Y\\,2)\\,2)");
    let clock = "floor(mod(time(0)*100\\,4294967296)/pow(2\\,X+8*(Y-4)))";
    let next_bit = "floor(mod(time(0)*100\\,4294967296)/pow(2\\,X+8*(Y-4)+1))";
    format!(
        "nullsrc=s={GRID}x{GRID}:r={FRAME_RATE},format=gray,\
         geq=lum='255*if(lt(Y\\,4)\\,{number}\\,mod({clock}+{next_bit}\\,2))',\
         scale={WIDTH}:{HEIGHT}:flags=neighbor,format=yuv420p"
    )
}

/// Reads a picture that was scaled down to the grid, one byte of brightness a cell.
/// `None` when the check bits do not fit: a broken picture.
pub fn read(cells: &[u8; GRID * GRID]) -> Option<Stamp> {
    let bits = |from: usize, count: usize| {
        (0..count).fold(0_u32, |value, bit| value | u32::from(cells[from + bit] > 127) << bit)
    };
    let number = bits(0, 16);
    if number ^ bits(16, 16) != 0xFFFF {
        return None;
    }
    Some(Stamp { number: number as u16, painted_cs: from_gray(bits(32, 32)) })
}

/// The wall clock as pictures carry it.
pub fn now_cs() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_millis() / 10) as u32
}

fn from_gray(gray: u32) -> u32 {
    [1, 2, 4, 8, 16].iter().fold(gray, |value, shift| value ^ value >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gray_code_reads_back() {
        for value in [0, 1, 2, 0x0FFF_FFFF, 0x1000_0000, u32::MAX] {
            assert_eq!(from_gray(value ^ value >> 1), value);
        }
    }

    #[test]
    fn a_picture_with_wrong_check_bits_is_broken() {
        assert_eq!(read(&[0; 64]), None);
    }
}
