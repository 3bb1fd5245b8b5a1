/* SPDX-License-Identifier: MIT */
/*
 * lib/pinmap.c and the steps of the purger (docs/portable-engine.md), for Spin.
 *
 * Two pages; two pinners that pin and unpin one or both in every way, a holder,
 * the purger, and death: of the purger between any two steps, its successor,
 * of a pinner, of the holder. One atomic operation of the code is one step
 * here, and what a process does by itself happens along with one.
 *
 * tests/model/run says which of these take part, and how often. It also
 * defines MUTANT_..., one at a time: mistakes that have to be found.
 *
 *   CELL_COUNT   the pages lie in two cells, or in one
 *   START        the flags of the whole to start with
 *   FIRST, LAST  the epoch to start with, and the last there is
 *   PIN_A, PIN_B how many operations each pinner does
 *   HOLDS        how many holds the holder takes
 *   PURGES       how many purges are tried
 *   KILLS        how often the purger may die
 *   SUCCESSOR    whether it is started again, or waiting clients are on their
 *                own
 *   DEATHS       how many of the others may die
 *   FAILS        whether a punch may fail
 */

/*
 * A client waits here until the bits of its pages are clear, or until nobody
 * has the lock, and ends the purge itself. That it is woken, or wakes by
 * itself after a time, is up to the wait function.
 */

#if CELL_COUNT == 2
#define ALL			1
#define IN_CELL(pages, c)		(((pages) >> (c)) & 1)
#define PAGES(c, mask)		((mask) << (c))
#else
#define ALL			3
#define IN_CELL(pages, c)		(pages)
#define PAGES(c, mask)		(mask)
#endif

/* Both words: the epoch, then flags of the whole or bits of a cell's pages. */
#define EPOCH(word)		((word) >> 3)
#define WORD(epoch, low)	((epoch) << 3 | (low))
#define UNPINNED		1
#define CELLS			2
#define PURGED_ONCE		4
#define DEFAULT(whole)		(((whole) & UNPINNED) -> ALL : 0)

byte whole = WORD(FIRST, START);
byte pins[CELL_COUNT];
byte purging[CELL_COUNT];	/* these two are one word: */
byte purged[CELL_COUNT];	/* a step sees and changes both */
byte held;			/* the holder's map, a bit a page */

/* LOCK_CLAIM, and who has it. It is dropped when its owner dies. */
#define FREE			0
#define PURGER			1
#define CLIENT(me)		(2 + (me))
byte lock;

/* Who is to die next, and does so in a step of its own. */
#define NOBODY			0
byte dying;

/*
 * What is true of the pages, whatever the words above say. Masks of pages.
 *
 *   good     the content is what was last written
 *   gone     punched since somebody was last told
 *   told     this client has cleared the mark of a lost page, and has not yet
 *            written the page anew
 *   excused  as told, of a client that died over it
 *
 *   safe     pinned by this client, and since before that nobody has been
 *            unpinning it
 *   rely     the pin has returned, too
 *   unpinning  this client is about it
 *   settled  held, and the holder was told what became of it
 */
byte good = 3;
byte gone, excused, settled;
byte told[3];
byte safe[2];
byte rely[2];
byte unpinning[2];

#define TOLD	(told[0] | told[1] | told[2] | excused)
#define MARKS \
	(PAGES(0, purged[0]) | PAGES(CELL_COUNT - 1, purged[CELL_COUNT - 1]))

#define UNDER_PURGE \
	(PAGES(0, purging[0]) | PAGES(CELL_COUNT - 1, purging[CELL_COUNT - 1]))

/* No content is lost without a mark, or somebody who has taken notice of it;
 * at the latest when the purge has ended. */
#define NOTHING_LOST_SILENTLY \
	assert((3 & ~good & ~(MARKS | TOLD | UNDER_PURGE)) == 0)

/* fallocate() punches a hole. */
inline punch(c, mask)
{
	d_step {
		/* What a client can rely on stays; nothing that was written
		 * after a pin, or while held, is wiped. */
		assert(!(PAGES(c, mask) & (rely[0] | rely[1] | settled)));
		good = good & ~PAGES(c, mask);
		gone = gone | PAGES(c, mask);
		/* It will be told anew. */
		excused = excused & ~(PAGES(c, mask) & MARKS)
	}
}

/* What a new purger does, and a client that waits for one that died. */
inline recover(cell, claimed, committed)
{
	cell = 0;
	do
	:: atomic {
		claimed = purging[cell];
		committed = claimed & purged[cell]
	   }
		if
		:: committed -> punch(cell, committed)
		:: else
		fi;
		atomic {
			purging[cell] = purging[cell] & ~claimed;
			NOTHING_LOST_SILENTLY;
			claimed = 0;
			committed = 0;
			cell++;
			if
			:: cell == CELL_COUNT -> cell = 0; break
			:: else
			fi
		}
	od
}

/*
 * pinmap_pin() and pinmap_unpin(). Each atomic sequence has one access to what
 * is shared; what is true of the pages is noted along with it.
 */

#if CELL_COUNT == 2
#define FIRST_CELL(pages)	((pages) == 2)
#define END_CELL(pages)		((pages) == 1 -> 1 : 2)
#else
#define FIRST_CELL(pages)	0
#define END_CELL(pages)		1
#endif

#define MASK			IN_CELL(pages, c)

inline next_cell()
{
	c++;
	if
	:: c == END_CELL(pages) ->
		c = FIRST_CELL(pages);
		break
	:: else
	fi
}

/* set_whole(). The whole is in w, and then what it was; done tells the end. */
#define DONE			1
#define NO_EPOCH_LEFT		2
#define IS_LAST(w)		(((w) & CELLS) && EPOCH(w) == LAST)

inline set_whole()
{
	do
	:: atomic {
		if
#ifdef MUTANT_EPOCH_AGAIN
		:: IS_LAST(w) && whole == w ->
			whole = w & ~(CELLS | UNPINNED) | unpin;
			done = DONE
#else
		:: IS_LAST(w) -> done = NO_EPOCH_LEFT
#endif
		:: !IS_LAST(w) && (w & CELLS) && whole == w ->
			whole = WORD(EPOCH(w) + 1, w & PURGED_ONCE | unpin);
			done = DONE
		:: !(w & CELLS) && whole == w ->
			whole = w & ~UNPINNED | unpin;
			done = DONE
		:: else -> w = whole
		fi;
		if
		:: done -> break
		:: else
		fi
	   }
	od
}

#ifdef MUTANT_REPLACE_NEWER
#define IS_OLD(p, w)		(EPOCH(p) != EPOCH(w))
#else
#define IS_OLD(p, w)		(EPOCH(p) < EPOCH(w))
#endif

#ifdef MUTANT_EPOCH_NOT_READ_AGAIN
#define LOAD_WHOLE		w = (w -> w : whole)
#define FORGET_WHOLE		skip
#else
#define LOAD_WHOLE		w = whole
#define FORGET_WHOLE		w = 0
#endif

/* set_in_cell() for all cells. */
inline set_in_cells()
{
	do
	:: LOAD_WHOLE;
		if
		:: atomic { w & CELLS -> p = pins[c] }
		:: atomic { !(w & CELLS) -> w = whole; whole = w | CELLS }
			p = pins[c]
		fi;
		atomic {
			if
			:: EPOCH(p) == EPOCH(w) ->
				if
				:: unpin && (~p & MASK) ->
					pins[c] = pins[c] | MASK
				:: !unpin && (p & MASK) ->
					pins[c] = pins[c] & ~MASK
				:: else
				fi;
				done = DONE
			:: IS_OLD(p, w) && pins[c] == p ->
				pins[c] = WORD(EPOCH(w), (unpin ->
					DEFAULT(w) | MASK : DEFAULT(w) & ~MASK));
				done = DONE
			:: else
			fi;
			p = 0;
			FORGET_WHOLE;
			if
			:: done -> done = 0; w = 0; next_cell()
			:: else
			fi
		}
	od
}

/* Whose purge it was is dead, and nobody else is about to end it. */
#ifdef MUTANT_RECOVER_WITHOUT_LOCK
#define MAY_RECOVER		(lock != PURGER)
#else
#define MAY_RECOVER		(lock == FREE)
#endif

#ifdef MUTANT_PIN_DOES_NOT_WAIT
#define IS_PURGING		0
#else
#define IS_PURGING		(purging[c] & MASK)
#endif

/* pinmap_settle(). Leaves in any the marks that were seen. */
inline settle(me)
{
	do
	:: atomic {
		!IS_PURGING ->
		any = any | PAGES(c, purged[c] & MASK);
		next_cell()
	   }
#ifndef MUTANT_NO_RECOVERY
	/* The wait function. */
	:: atomic { IS_PURGING && MAY_RECOVER -> lock = CLIENT(me) }
		recover(r, p, w);
		atomic {
			if
			:: lock == CLIENT(me) -> lock = FREE
			:: else
			fi
		}
#endif
	od
}

#ifdef MUTANT_CLEAR_UNDER_PURGE
#define CLEARABLE		(purged[c] & MASK)
#else
#define CLEARABLE		(purged[c] & MASK & ~purging[c])
#endif

/* clear_marks(). Leaves in any those that were cleared. */
inline clear_marks(me, undisturbed)
{
	any = 0;
	do
	:: atomic {
		p = CLEARABLE;
		purged[c] = purged[c] & ~p;
		p = PAGES(c, p);
		any = any | p;
		told[me] = told[me] | p;
		/* The mark was true. */
		assert(!(p & undisturbed & ~gone));
		gone = gone & ~p;
		NOTHING_LOST_SILENTLY;
		p = 0;
		next_cell()
	   }
	od
}

#define UNTRUST(me)		safe[me] = safe[me] & ~pages; \
				rely[me] = rely[me] & ~pages

inline begin(me)
{
	atomic {
		count--;
		if
		:: pages = 1
		:: pages = 2
		:: pages = 3
		fi;
		c = FIRST_CELL(pages);
		if
		:: unpin = 1;
			unpinning[me] = pages;
			UNTRUST(0);
			UNTRUST(1)
		:: unpin = 0;
			safe[me] = safe[me] | pages & ~unpinning[1 - me]
		fi
	}
}

inline say()
{
	if
	:: atomic { pages == 3 -> w = whole }
		set_whole()
	:: atomic { pages != 3 -> done = NO_EPOCH_LEFT }
	fi;
	if
	:: atomic { done == NO_EPOCH_LEFT -> done = 0; w = 0 }
		set_in_cells();
		any = 3
	:: atomic {
		done == DONE ->
		done = 0;
		any = (w & PURGED_ONCE -> 3 : 0);
		w = 0
	   }
	fi
}

inline collect(me)
{
	if
	:: atomic { any -> any = 0 }
		settle(me);
		if
		:: any -> clear_marks(me, safe[me])
		:: else
		fi
	:: else
	fi
}

inline end_pin(me)
{
	d_step {
		/* Returns 0: all is as it was left, or somebody else has been
		 * told, and is about to write it. */
		assert(any || !(pages & safe[me] & ~good & ~TOLD));
		rely[me] = rely[me] | pages & safe[me];
		any = any != 0
	}
#ifdef MUTANT_CLIENT_CLEARS_PURGES
	if
	:: pages == 3 -> whole = whole & ~PURGED_ONCE
	:: else
	fi;
#endif
	if
	:: any ->
		/* Writes it anew. */
		d_step {
			good = good | pages;
			excused = excused & ~pages;
			told[me] = told[me] & ~pages;
			any = 0
		}
	:: else
	fi
}

proctype pinner(byte me; byte count)
{
	byte pages, c, r, w, p, any, done;
	bool unpin;

	{
		do
		:: atomic { count -> begin(me) }
#ifdef MUTANT_LOOK_BEFORE_SAY
			if
			:: !unpin -> any = 3; collect(me)
			:: else
			fi;
			r = any;
			say();
			any = r;
			r = 0;
#else
			say();
#endif
			if
			:: d_step { unpin -> unpinning[me] = 0; any = 0 }
			:: else ->
#ifndef MUTANT_LOOK_BEFORE_SAY
				collect(me);
#endif
				end_pin(me)
			fi;
			d_step { pages = 0; unpin = 0; c = 0 }
		:: !count -> break
		od
	} unless {
		d_step {
			dying == CLIENT(me) ->
			dying = NOBODY;
			excused = excused | told[me];
			told[me] = 0;
			safe[me] = 0;
			rely[me] = 0;
			unpinning[me] = 0;
			if
			:: lock == CLIENT(me) -> lock = FREE
			:: else
			fi;
			pages = 0; c = 0; r = 0; w = 0; p = 0; any = 0;
			done = 0; unpin = 0; count = 0
		}
	}
}

#if HOLDS
proctype holder()
{
	byte pages, c, r, w, p, any, count;

	{
		do
		:: count < HOLDS ->
			atomic {
				count++;
				if
				:: pages = 1
				:: pages = 2
				:: pages = 3
				fi;
				c = FIRST_CELL(pages)
			}
			/* holdmap_take(): a word for each page. */
			if
			:: pages & 1 -> held = held | 1
			:: else
			fi;
			if
			:: pages & 2 -> held = held | 2
			:: else
			fi;
			settle(2);
			atomic {
				assert(any || !(pages & ~good & ~TOLD));
				settled = pages
			}
			if
			:: any ->
				/* Writes it anew, and says so. */
				atomic {
					good = good | pages;
					excused = excused & ~pages
				}
#ifdef MUTANT_RENEW_AFTER_RELEASE
				d_step { settled = 0; held = 0 }
#endif
				clear_marks(2, 0);
				told[2] = 0
			:: true
			fi;
			atomic { settled = 0; held = held & ~1 }
			atomic { held = held & ~2; any = 0; pages = 0; c = 0 }
		:: else -> break
		od
	} unless {
		d_step {
			dying == CLIENT(2) ->
			dying = NOBODY;
			excused = excused | told[2];
			told[2] = 0;
			settled = 0;
			held = 0;
			if
			:: lock == CLIENT(2) -> lock = FREE
			:: else
			fi;
			pages = 0; c = 0; r = 0; w = 0; p = 0; any = 0;
			count = HOLDS
		}
	}
}
#endif

#ifdef MUTANT_NO_SECOND_LOOK
#define IS_STILL(w)		true
#else
#define IS_STILL(w)		(whole == (w))
#endif

/* unpinned_in_cell(). Leaves them in p. */
inline look_at_pins()
{
	do
	:: w = whole;
		p = pins[c];
		atomic {
			if
			:: IS_STILL(w) ->
				p = (EPOCH(p) == EPOCH(w) -> p & ALL :
							     DEFAULT(w));
				w = 0;
				break
			:: else -> w = 0; p = 0
			fi
		}
	od
}

inline set_purging()
{
	purging[c] = purging[c] | claimed
}

inline finish(mask)
{
	atomic {
		purging[c] = purging[c] & ~(mask);
		NOTHING_LOST_SILENTLY
	}
}

/* Drops what is not in p. */
inline keep()
{
	if
	:: atomic { claimed & ~p -> finish(claimed & ~p); claimed = claimed & p }
	:: else
	fi;
	p = 0
}

/* pinmap_claim() */
inline claim()
{
	if
	:: whole & PURGED_ONCE
	:: atomic { !(whole & PURGED_ONCE) -> skip }
		whole = whole | PURGED_ONCE
	fi;
#ifdef MUTANT_LOOK_BEFORE_CLAIM
	look_at_pins();
	atomic { claimed = claimed & p; p = 0; set_purging() }
#else
	set_purging();
	look_at_pins();
	keep()
#endif
}

#if HOLDS
/* A word for each page, as in holdmap_take(). */
inline look_at_holds()
{
	p = claimed & ~IN_CELL(held & 1, c);
	p = p & ~IN_CELL(held & 2, c);
	keep()
}
#else
#define look_at_holds()		skip
#endif

inline commit()
{
	purged[c] = purged[c] | claimed
}

inline commit_and_punch()
{
#ifdef MUTANT_PUNCH_BEFORE_COMMIT
	punch(c, claimed);
	commit();
#elif defined(MUTANT_FINISH_BEFORE_PUNCH)
	commit();
	finish(claimed);
	punch(c, claimed);
#else
	commit();
	if
	:: punch(c, claimed)
#if FAILS
	/* pinmap_uncommit() */
	:: purged[c] = purged[c] & ~claimed
#endif
	fi;
#endif
	finish(claimed)
}

/* pinmap_tidy() */
inline tidy()
{
	if
	:: atomic { whole & PURGED_ONCE -> c = 0 }
		do
		:: atomic {
			c < CELL_COUNT ->
			if
			:: purging[c] | purged[c] -> break
			:: else -> c++
			fi
		   }
		:: atomic {
			c == CELL_COUNT ->
			whole = whole & ~PURGED_ONCE;
			break
		   }
		od
	:: else
	fi
}

proctype purger()
{
	byte c, w, p, claimed, tries;

life:
	{
		atomic { lock == FREE -> lock = PURGER }
		recover(c, claimed, p);
		do
		:: atomic {
			tries < PURGES ->
			tries++;
			/* Some that are unmarked: pinmap_purgeable() tells
			 * less, but all that it tells is old by now. */
			c = 0;
			if
			:: c = CELL_COUNT - 1
			:: CELL_COUNT > 1
			fi;
			if
			:: claimed = 1
			:: ALL > 1 -> claimed = 2
			:: ALL > 1 -> claimed = 3
			fi;
			claimed = claimed & ~purged[c]
		   }
			if
			:: claimed ->
#ifdef MUTANT_HOLDS_BEFORE_CLAIM
				look_at_holds();
				claim();
#else
				claim();
				look_at_holds();
#endif
				if
				:: claimed -> commit_and_punch()
				:: else
				fi
			:: else
			fi;
			d_step { c = 0; w = 0; claimed = 0 }
			if
			:: tidy()
			:: true
			fi;
			c = 0
		:: d_step { tries >= PURGES -> lock = FREE } break
		od
	} unless {
		d_step {
			dying == PURGER ->
			dying = NOBODY;
			lock = FREE;
			c = 0; w = 0; p = 0; claimed = 0
		}
		if
		:: SUCCESSOR -> goto life
		:: else
		fi
	}
}

#if KILLS || DEATHS
proctype death()
{
	byte kills, deaths;

end:	do
	:: atomic {
		kills < KILLS && dying == NOBODY && lock == PURGER ->
		kills++;
		dying = PURGER
	   }
#if DEATHS
	:: atomic {
		deaths < DEATHS && dying == NOBODY ->
		deaths++;
		if
		:: dying = CLIENT(0)
		:: PIN_B -> dying = CLIENT(1)
		:: HOLDS -> dying = CLIENT(2)
		fi
	   }
#endif
	od
}
#endif

init {
	atomic {
		run pinner(0, PIN_A);
#if PIN_B
		run pinner(1, PIN_B);
#endif
#if HOLDS
		run holder();
#endif
#if KILLS || DEATHS
		run death();
#endif
		run purger()
	}
}
