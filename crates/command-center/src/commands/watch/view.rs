//! Lays the queue out as lines: a head of a few lines, then the lists, as much of each as there is room for.

mod head;
mod rows;

pub(super) use head::counts;

use web::mirror::{List, Mirror};

use super::{
    state::State,
    style::{Line, Style},
};

/// The lists in the order of the screen.
const ORDER: [List; 4] = [List::Building, List::Pending, List::Blocked, List::Recent];

/// The lines of a screen of `width` columns and `height` lines: at most so many of each.
pub(super) fn draw(state: &State, (width, height): (usize, usize)) -> Vec<Line> {
    let mut lines = head::draw(state);
    if let Some(mirror) = state.mirror() {
        let room = height.saturating_sub(lines.len());
        let wanted = ORDER.map(|list| match mirror.rows(list).len() {
            0 => 0,
            n_rows => n_rows + 1,
        });
        for (list, share) in ORDER.into_iter().zip(shares(wanted, room)) {
            lines.extend(section(state, mirror, list, width, share));
        }
    }
    lines.truncate(height);
    lines
}

/// How many lines each list gets: what is built first, up to half, then one after another in turn.
fn shares(wanted: [usize; 4], mut room: usize) -> [usize; 4] {
    let mut shares = [wanted[0].min(room / 2), 0, 0, 0];
    room -= shares[0];
    loop {
        let before = room;
        for (share, wanted) in shares.iter_mut().zip(wanted) {
            // A heading comes with a row, or not at all.
            let step = if *share == 0 { 2 } else { 1 };
            if *share + step <= wanted && step <= room {
                *share += step;
                room -= step;
            }
        }
        if room == before {
            return shares;
        }
    }
}

/// A heading and the rows that fit; the last line says how many do not.
fn section(state: &State, mirror: &Mirror, list: List, width: usize, share: usize) -> Vec<Line> {
    let n_rows = mirror.rows(list).len();
    let room = share.saturating_sub(1);
    if room == 0 {
        return Vec::new();
    }
    let n_shown = if n_rows <= room { n_rows } else { (room - 1).max(1) };
    let mut lines = vec![vec![Style::Strong.piece(heading(mirror, list))]];
    lines.extend(rows::draw(state, mirror, list, n_shown, width));
    if n_shown < n_rows && n_shown < room {
        lines.push(vec![Style::Faint.piece(format!("  … and {} more", n_rows - n_shown))]);
    }
    lines
}

fn heading(mirror: &Mirror, list: List) -> String {
    let counted = |name| mirror.count(name).unwrap_or(0);
    match list {
        List::Building => format!("BUILDING {}", counted("building")),
        List::Pending => format!("PENDING {}", counted("pending")),
        List::Blocked => format!("BLOCKED {}", counted("blocked") + counted("failed")),
        List::Recent => "RECENT".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_gets_its_share_of_the_room() {
        for (wanted, room, expected) in [
            ([4, 9, 2, 4], 19, [4, 9, 2, 4]),
            ([4, 9, 2, 4], 14, [4, 4, 2, 4]),
            ([4, 9, 2, 4], 6, [4, 2, 0, 0]),
            ([40, 90, 0, 40], 20, [13, 4, 0, 3]),
            ([0, 3, 0, 0], 1, [0, 0, 0, 0]),
            ([4, 9, 2, 4], 0, [0, 0, 0, 0]),
            ([9, 9, 9, 9], usize::MAX, [9, 9, 9, 9]),
        ] {
            let shares = shares(wanted, room);
            assert!(shares.iter().sum::<usize>() <= room);
            assert_eq!(shares, expected, "{wanted:?} in {room}");
        }
    }
}
