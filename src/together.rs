//! Several requests at a time.
//!
//! All of them are driven as one type of future: each type of its own costs two kilobytes of the component's code.

use crate::error::{Error, Result};
use crate::ports::Pending;
use futures_util::stream::{self, StreamExt};
use std::cell::Cell;

/// Does work, at most so much at a time, and gives what came of it in its order. The first error ends it: what is under
/// way is dropped, and nothing more begins.
pub async fn together<'w, T: 'w>(
    at_once: usize,
    work: impl IntoIterator<Item = Pending<'w, Result<T>>>,
) -> Result<Vec<T>> {
    let work: Vec<Pending<'w, Result<T>>> = work.into_iter().collect();
    let done: Vec<Cell<Option<T>>> = work.iter().map(|_| Cell::default()).collect();
    let failed = Cell::new(None);
    let tasks = work.into_iter().zip(&done).map(|(work, done)| -> Pending<'_, ()> {
        Box::pin(async {
            match work.await {
                Ok(value) => done.set(Some(value)),
                Err(error) => failed.set(Some(error)),
            }
        })
    });
    drive(at_once, tasks.collect(), &failed).await?;
    Ok(done.into_iter().filter_map(Cell::into_inner).collect())
}

async fn drive(at_once: usize, tasks: Vec<Pending<'_, ()>>, failed: &Cell<Option<Error>>) -> Result<()> {
    let mut running = stream::iter(tasks).buffer_unordered(at_once);
    while running.next().await.is_some() {
        if let Some(error) = failed.take() {
            return Err(error);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::together;
    use crate::error::{Error, Kind, Side};
    use crate::ports::Pending;
    use futures_util::FutureExt;
    use futures_util::future::pending;
    use std::cell::Cell;

    #[test]
    fn what_comes_of_work_has_its_order_and_no_more_begins_than_allowed() {
        let (begun, most) = (Cell::new(0), Cell::new(0));
        let work = (0..20).map(|number| -> Pending<'_, _> {
            let (begun, most) = (&begun, &most);
            Box::pin(async move {
                begun.set(begun.get() + 1);
                most.set(most.get().max(begun.get()));
                let mut turns = number % 3;
                std::future::poll_fn(|context| {
                    if turns == 0 {
                        return std::task::Poll::Ready(());
                    }
                    turns -= 1;
                    context.waker().wake_by_ref();
                    std::task::Poll::Pending
                })
                .await;
                begun.set(begun.get() - 1);
                Ok(number)
            })
        });
        let done = together(4, work).now_or_never();
        // Whoever waits asks to be woken, so one poll of a busy executor is not always enough.
        let done = done.map(|done| done.unwrap());
        assert!(done.is_none_or(|done| done == (0..20).collect::<Vec<_>>()));
        assert!(most.get() <= 4, "{}", most.get());
    }

    #[test]
    fn the_first_error_ends_it_and_nothing_more_begins() {
        let begun = Cell::new(0);
        let work = (0..20).map(|number| -> Pending<'_, _> {
            let begun = &begun;
            Box::pin(async move {
                begun.set(begun.get() + 1);
                match number {
                    1 => Err(Error::new(Kind::Credential, Side::Jira, "refused")),
                    _ => pending().await,
                }
            })
        });
        let done = together::<u32>(3, work).now_or_never().unwrap();
        assert_eq!(done.unwrap_err().kind, Kind::Credential);
        assert!(begun.get() <= 3, "{}", begun.get());
    }
}
