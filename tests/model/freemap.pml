/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The protocol of lib/freemap (the rules in layout.h) on words of a few bits: get, put, and the
 * summary `some`. An atomic{} that begins with may_stop() is one atomic step of the C code with the
 * private arithmetic that follows it; inlines have the names of the C functions. doc/model.md says
 * what is left out and why.
 *
 * An instance is given by -D:
 *   BLOCKS, SLOTS (in a block, 3 at most), THREADS
 *   OPS        gets and puts, all threads together
 *   BURST      slots of the largest get, 3 at most
 *   HINTS      blocks a search may try before it asks `some`
 *   STOPS      threads that may stop for ever
 *   MISUSES    double frees, all threads together
 *   WITNESS    1: fail where a slot is hidden at the end, to show that such runs are seen
 */

/* One -D of these breaks one rule; the tests want each found. */
#ifdef MUTANT_UNMARKED /* A clear does not mark the summary first. */
#define MARKED(summary) true
#else
#define MARKED(summary) (((summary) & CLOSING) != 0)
#endif
#ifdef MUTANT_NO_LOOK /* A clear does not look at the word after its mark. */
#define CAME_BACK(b) false
#else
#define CAME_BACK(b) (word[b] != 0)
#endif
#ifdef MUTANT_PLAIN_CLEAR /* A clear is an and-not, not a swap. */
#define SWAPS(old) true
#else
#define SWAPS(old) (some == (old))
#endif
#ifdef MUTANT_NO_VERSION /* A set leaves the version. */
#define VERSION 0
#else
#define VERSION (1 << (BLOCKS + 1))
#endif
#ifdef MUTANT_FIRST_SETS /* Only who finds the word empty sets. */
#define MUST_SET(summary, b, before) ((before) == 0)
#else
#define MUST_SET(summary, b, before) (((summary) & (BIT(b) | CLOSING)) != BIT(b))
#endif
#ifdef MUTANT_SET_AND_GO /* A set does not look at the word again. */
#define LOOKS_AGAIN false
#else
#define LOOKS_AGAIN true
#endif
#ifdef MUTANT_WAITS /* A put waits until the closing is over. */
#define WAITS(summary) (((summary) & CLOSING) != 0)
#else
#define WAITS(summary) false
#endif
#ifdef MUTANT_BLIND_TAKE /* A take clears what it wants whether it is still free or not. */
#define TAKES(b, was) true
#else
#define TAKES(b, was) (word[b] == (was))
#endif
#ifdef MUTANT_TRUSTS_READY /* A block taken to be ready is taken to be full. */
#define SEEN(b, hinted) (hinted -> ALL : word[b])
#define FRESH(b, hinted) (hinted -> word[b] : was)
#else
#define SEEN(b, hinted) word[b]
#define FRESH(b, hinted) was
#endif
#ifdef MUTANT_BEATEN /* A take gives up when another was faster. */
#define NEXT(b) 0
#else
#define NEXT(b) word[b]
#endif
#ifdef MUTANT_TOGGLES /* A put is an exclusive or. */
#define JOINED(word, mask) ((word) ^ (mask))
#else
#define JOINED(word, mask) ((word) | (mask))
#endif
#ifdef MUTANT_KEEPS /* A get that falls short keeps what it took. */
#define GIVES_BACK false
#else
#define GIVES_BACK true
#endif

#define ALL          ((1 << SLOTS) - 1)
#define BIT(b)       (1 << (b))
#define CLOSING      (1 << BLOCKS)
#define AT(t, b)     ((t) * BLOCKS + (b))
#define COUNT(w)     (((w) & 1) + ((w) >> 1 & 1) + ((w) >> 2 & 1))
#define REST(w)      ((w) & ((w) - 1))
#define LOWEST(w, n) ((n) == 1 -> (w) ^ REST(w) : ((n) == 2 -> (w) ^ REST(REST(w)) : (w)))

/* Shared memory. `ready` and the open block are not here: a search may try any block first. */
byte word[BLOCKS];
short some;

/* The truth, for the assertions only; by thread and block: */
byte held[THREADS * BLOCKS]; /* Slots the thread has, or has taken to hand out or give back. */
byte giving[THREADS * BLOCKS]; /* Slots in the word whose giver has not seen to the summary yet. */
byte kept[THREADS * BLOCKS]; /* Slots free and given back ever since the thread's search began. */

byte ops = OPS;
byte stops = STOPS;
byte misuses = MISUSES;
byte over; /* Threads that have ended or stopped. */

hidden byte t_;
hidden byte b_;
hidden byte sum_;
hidden byte hidden_;

/* Each slot is free or with one thread; a free one is in `some` unless its giver is inside put. */
inline check_map()
{
	for (b_ : 0 .. BLOCKS - 1) {
		sum_ = word[b_];
		hidden_ = 0;
		for (t_ : 0 .. THREADS - 1) {
			assert((sum_ & held[AT(t_, b_)]) == 0); /* Handed out once. */
			sum_ = sum_ | held[AT(t_, b_)];
			hidden_ = hidden_ | giving[AT(t_, b_)]
		}
		assert(sum_ == ALL); /* Not lost. */
		assert((word[b_] & ~hidden_) == 0 || (some & BIT(b_)) != 0) /* Not stranded. */
	}
	hidden_ = 0
}

/* With nobody stopped `some` is exact; a stopped thread may leave a bit too many. */
inline check_rest()
{
	check_map();
	for (b_ : 0 .. BLOCKS - 1) {
		assert(stops < STOPS || (word[b_] != 0) == ((some & BIT(b_)) != 0));
		assert(!WITNESS || word[b_] == 0 || (some & BIT(b_)) != 0)
	}
	hidden_ = 0
}

/* Before each atomic step a thread may stop for ever. */
inline may_stop()
{
	if
	:: true
	:: stops > 0 -> stops--; goto stopped
	fi
}

/* Rules 2 and 5. */
inline some_clear(b)
{
	atomic { may_stop(); old = some }
	do
	:: (old & BIT(b)) == 0 -> break
	:: (old & BIT(b)) != 0 && !MARKED(old) ->
		atomic {
			may_stop();
			d_step {
				if
				:: some == old -> some = some | CLOSING
				:: else
				fi;
				old = some
			}
		}
	:: (old & BIT(b)) != 0 && MARKED(old) ->
		atomic { may_stop(); old = (CAME_BACK(b) -> 0 : old) }
		if
		:: old == 0
		:: else ->
			atomic {
				may_stop();
				d_step {
					if
					:: SWAPS(old) ->
						some = some & ~(BIT(b) | CLOSING);
						check_map();
						old = 0
					:: else -> old = some
					fi
				}
			}
		fi
	od;
	old = 0
}

/* From here on the slots count as given back, not at the end of put, which is later. */
inline given(b)
{
	giving[AT(me, b)] = 0;
	check_map()
}

/* Rules 1 and 4. `was` is the word before. */
inline some_set(b)
{
	atomic {
		may_stop();
		d_step {
			old = some;
			set = MUST_SET(old, b, was);
			was = 0;
			if
			:: !set && !WAITS(old) -> given(b)
			:: else
			fi
		}
	}
	do
	:: WAITS(old) -> old = some
	:: set && !WAITS(old) ->
		atomic {
			may_stop();
			d_step {
				if
				:: some == old ->
					some = ((some | BIT(b)) & ~CLOSING) + VERSION;
					assert(some > 0);
					old = 0;
					set = false;
					look = LOOKS_AGAIN;
					given(b)
				:: else ->
					old = some;
					set = MUST_SET(old, b, 0);
					if
					:: !set -> given(b)
					:: else
					fi
				fi
			}
		}
	:: !set && !WAITS(old) -> break
	od;
	old = 0;
	if
	:: look ->
		look = false;
		atomic { may_stop(); was = word[b] }
		if
		:: was == 0 -> some_clear(b)
		:: else -> was = 0
		fi
	:: else
	fi
}

/* got: what was taken; 0 when there were fewer than `least`. */
inline word_take(b, n, least, hinted)
{
	atomic { may_stop(); was = SEEN(b, hinted) }
	do
	:: COUNT(was) < least -> break
	:: else ->
		atomic {
			may_stop();
			d_step {
				if
				:: TAKES(b, FRESH(b, hinted)) ->
					got = LOWEST(was, n);
					word[b] = word[b] & ~got;
					was = word[b];
					for (t_ : 0 .. THREADS - 1) {
						giving[AT(t_, b)] = giving[AT(t_, b)] & ~got;
						kept[AT(t_, b)] = kept[AT(t_, b)] & ~got
					}
					for (t_ : 0 .. THREADS - 1) {
						assert((held[AT(t_, b)] & got) == 0)
					}
					held[AT(me, b)] = held[AT(me, b)] | got
				:: else -> was = NEXT(b)
				fi
			}
		}
		if
		:: got != 0 -> break
		:: else
		fi
	od;
	if
	:: got != 0 && was == 0 -> some_clear(b)
	:: else -> was = 0
	fi
}

/* Misuse adds a slot that is free at the moment of the step: it is found, and changes nothing. */
inline word_give(b, mask)
{
	atomic {
		may_stop();
		if
		:: true
		:: misuses > 0 && word[b] != 0 -> misuses--; bad = LOWEST(word[b], 1)
		fi;
		d_step {
			was = word[b];
			word[b] = JOINED(was, mask | bad);
			assert((was & (mask | bad)) == bad);
			assert(word[b] == (was | mask));
			held[AT(me, b)] = held[AT(me, b)] & ~mask;
			giving[AT(me, b)] = mask;
			bad = 0
		}
	}
	some_set(b)
}

inline any_block()
{
	blk = 0;
	do
	:: blk < BLOCKS - 1 -> blk++
	:: break
	od
}

/* What the first and the last look at a summary see, in a walk that begins at block `from`. */
#define FROM_ON(summary) ((summary) & (BIT(BLOCKS) - 1) & ~(BIT(from) - 1))
#define BEFORE(summary)  ((summary) & (BIT(from) - 1))

inline search_begins()
{
	for (b_ : 0 .. BLOCKS - 1) {
		hidden_ = 0;
		for (t_ : 0 .. THREADS - 1) {
			hidden_ = hidden_ | giving[AT(t_, b_)]
		}
		kept[AT(me, b_)] = word[b_] & ~hidden_
	}
	hidden_ = 0
}

/* Who found nothing has not missed a slot that was free all the while. */
inline search_ends()
{
	for (b_ : 0 .. BLOCKS - 1) {
		assert(got != 0 || kept[AT(me, b_)] == 0);
		kept[AT(me, b_)] = 0
	}
}

inline take_some(n)
{
	do
	:: rounds < 2 ->
		atomic {
			may_stop();
			bits = (rounds == 0 -> FROM_ON(some) : BEFORE(some));
			rounds = (from == 0 -> 2 : rounds + 1);
			blk = 0
		}
		do
		:: bits == 0 -> break
		:: bits != 0 && (bits & BIT(blk)) == 0 -> blk++
		:: bits != 0 && (bits & BIT(blk)) != 0 ->
			bits = bits & ~BIT(blk);
			word_take(blk, n, 1, false);
			if
			:: got != 0 -> atomic { bits = 0; rounds = 2 }
			:: else -> some_clear(blk)
			fi
		od
	:: else -> break
	od;
	rounds = 0
}

/* got and blk: what was taken where; got is 0 when nothing was found. */
inline take(n)
{
	atomic {
		d_step { search_begins() }
		tries = HINTS;
		any_block();
		from = blk
	}
	do
	:: tries > 0 ->
		atomic {
			tries--;
			any_block();
			if
			:: least = 1
			:: n > 1 -> least = n
			fi
		}
		word_take(blk, n, least, true);
		if
		:: got != 0 -> break
		:: else
		fi
	:: break
	od;
	if
	:: got != 0
	:: else -> take_some(n)
	fi;
	atomic { search_ends(); tries = 0; from = 0; least = 0 }
}

inline count_held()
{
	sum_ = 0;
	for (b_ : 0 .. BLOCKS - 1) {
		sum_ = sum_ + COUNT(held[AT(me, b_)])
	}
}

/* All of n or nothing. */
inline get()
{
	atomic {
		n = 1;
		do
		:: n < BURST -> n++
		:: break
		od;
		count_held();
		had = sum_;
		target = sum_ + n
	}
	do
	:: n > 0 ->
		take(n);
		if
		:: got != 0 ->
			atomic {
				visit_mask[nb] = got;
				visit_block[nb] = blk;
				nb++;
				n = n - COUNT(got);
				got = 0
			}
		:: else -> break
		fi
	:: else -> break
	od;
	if
	:: n > 0 && GIVES_BACK ->
		target = had;
		do
		:: nb > 0 ->
			atomic {
				nb--;
				got = visit_mask[nb];
				blk = visit_block[nb]
			}
			word_give(blk, got)
		:: else -> break
		od
	:: else -> target = (n > 0 -> had : target)
	fi;
	atomic {
		count_held();
		assert(sum_ == target);
		had = 0;
		target = 0;
		n = 0;
		nb = 0;
		blk = 0;
		got = 0;
		for (b_ : 0 .. BURST - 1) {
			visit_mask[b_] = 0;
			visit_block[b_] = 0
		}
	}
}

/* Give back what the thread has in one block, or the lowest slot of it. */
inline put()
{
	atomic {
		got = held[AT(me, blk)];
		if
		:: true
		:: got != LOWEST(got, 1) -> got = LOWEST(got, 1)
		fi
	}
	word_give(blk, got);
	atomic { got = 0; blk = 0 }
}

proctype thread(byte me)
{
	short old;
	byte was, got, least, bad;
	byte bits, blk, from, tries, rounds;
	byte n, nb, had, target;
	byte visit_mask[BURST], visit_block[BURST];
	bool set, look;

	do
	:: atomic { ops > 0 -> ops--; any_block() }
		if
		:: blk == 0 -> get()
		:: held[AT(me, blk)] != 0 -> put()
		:: blk != 0 && held[AT(me, blk)] == 0 -> blk = 0
		fi
	:: ops == 0 -> break
	od;
stopped:
	atomic {
		over++;
		if
		:: over == THREADS -> d_step { check_rest() }
		:: else
		fi
	}
}

/* Any slot is free or with any thread; threads are numbered by the first slot they have. */
init {
	byte b, s, t, named;

	atomic {
		for (b : 0 .. BLOCKS - 1) {
			for (s : 0 .. SLOTS - 1) {
				t = 0;
				do
				:: t < named && t < THREADS - 1 -> t++
				:: break
				od;
				if
				:: word[b] = word[b] | BIT(s); some = some | BIT(b)
				:: held[AT(t, b)] = held[AT(t, b)] | BIT(s);
					named = (t == named -> named + 1 : named)
				fi
			}
		}
		t = 0;
		d_step { check_rest() }
		for (t : 0 .. THREADS - 1) {
			run thread(t)
		}
	}
}
