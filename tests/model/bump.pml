/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The epochs of lib/bump: hold, release, allocation, flip and reset. Each atomic{} is one atomic step of the
 * C code with the private work that follows it. A place models an allocation; what it holds is not
 * modelled, only who may still touch it. A reader's store of its pin waits in a store buffer until its own
 * fence, or any time that suits it. doc/model.md says what is left out and why.
 *
 * An instance is given by -D:
 *   READERS    readers, each with a thread of its own
 *   PARTS      epochs of the pool: 1 or 2
 *   ROOM       places in a part
 *   TURNS      flips and resets, together
 *   OPS        holds, releases, allocations and looks, all readers together
 *   TAGS       epochs the word tells apart, even
 *   WITNESS    1: fail where a place is allocated for the second time, 2: where a reset is refused
 *              after it has closed the word; to show that such runs are seen
 */

#define PLACES	(PARTS * ROOM)
#define NONE	255

/* One -D of these breaks one rule; the tests require that spin detects each. */
#ifdef MUTANT_NO_FENCE /* A reader goes on before its pin is seen. */
#define FENCE false
#else
#define FENCE true
#endif
#ifdef MUTANT_NO_CONFIRM /* A reader does not check whether the tag that it shows is current. */
#define CONFIRMS false
#else
#define CONFIRMS true
#endif
#ifdef MUTANT_SKIPS_READER /* A flip or reset does not check the last reader. */
#define ASKED (READERS - 1)
#else
#define ASKED READERS
#endif
#ifdef MUTANT_PIN_BEFORE /* A flip also lets the pin of the epoch before pass. */
#define PASSES(p, t) ((p) == 0 || (p) == PIN(t) || (p) == PIN((t) + TAGS - 1))
#else
#define PASSES(p, t) ((p) == 0 || (p) == PIN(t))
#endif
#ifdef MUTANT_BLIND_BUMP /* An allocation does not see that the word has changed. */
#define SAME(t, u) true
#else
#define SAME(t, u) (tag == (t) && used == (u) && !closed)
#endif
#ifdef MUTANT_EPOCH_APART /* An allocation looks at the offset alone: the epoch is another word. */
#undef SAME
#define SAME(t, u) (used == (u) && !closed)
#endif
#ifdef MUTANT_STAYS_OPEN /* A reset does not close the word. */
#define CLOSES false
#else
#define CLOSES true
#endif
#ifdef MUTANT_SAME_TAG /* A reset closes the word and keeps its tag. */
#define STEP 0
#else
#define STEP PARTS
#endif
#ifdef MUTANT_ONE_LOOK /* A reset checks the readers before it closes the word, and not again. */
#define LOOKS_AGAIN false
#else
#define LOOKS_AGAIN true
#endif
#ifdef MUTANT_LETS_GO_FIRST /* A reader clears its pin, then reads an allocation once more. */
#define LETS_GO_FIRST true
#else
#define LETS_GO_FIRST false
#endif

#define PIN(t)	   (1 + (t) % TAGS)
#define PART(t)	   ((t) % PARTS)
#define AT(t, u)   (PART(t) * ROOM + (u))

/* The word. */
byte tag, used;
bool closed;

byte pin[READERS]; /* The value that others load. */
byte waiting[READERS] = NONE; /* In the reader's store buffer; NONE: empty. */
byte held[PLACES]; /* Readers that may touch a place, a bit each. */
bool given[PLACES]; /* It was handed out since its part was opened. */
byte newest[TAGS]; /* A place of that epoch others are told of; NONE: withdrawn. */
byte ops, ended;
bool again, late; /* For the witnesses; late: a reset was refused while the word was closed. */
bool was_given[PLACES];

/* Store buffers drain at any time. */
active proctype buffers()
{
end:
	do
	:: atomic { waiting[0] != NONE -> pin[0] = waiting[0]; waiting[0] = NONE }
#if READERS > 1
	:: atomic { waiting[1] != NONE -> pin[1] = waiting[1]; waiting[1] = NONE }
#endif
	od
}

inline drain()
{
	if
	:: waiting[me] != NONE ->
		pin[me] = waiting[me];
		waiting[me] = NONE
	:: else
	fi
}

inline store_pin(value)
{
	drain();
	waiting[me] = value
}

inline let_go()
{
	for (i : 0 .. PLACES - 1) {
		held[i] = held[i] & ~(1 << me)
	}
	i = 0
}

inline hold()
{
	atomic { t = tag }
	holds = false;
	do
	:: holds -> break
	:: !holds ->
		atomic {
			let_go();
			store_pin(PIN(t))
		}
		if
		:: FENCE -> atomic { drain() }
		:: else
		fi;
		atomic {
			holds = (tag == t) || !CONFIRMS;
			t = tag
		}
	od;
	t = 0
}

inline release()
{
	if
	:: LETS_GO_FIRST ->
		atomic { store_pin(0) }
		atomic { let_go(); holds = false }
	:: else ->
		atomic {
			let_go();
			holds = false;
			store_pin(0)
		}
	fi
}

inline allocate()
{
	atomic { t = tag; u = used; shuts = closed }
	if
	:: holds && !shuts && u < ROOM ->
		atomic {
			if
			:: SAME(t, u) ->
				i = AT(t, u);
				/* No reader may still touch a place that is handed out. */
				assert(held[i] == 0);
				assert(!given[i]);
				again = again || was_given[i];
				given[i] = true;
				was_given[i] = true;
				held[i] = 1 << me;
				used = u + 1;
				newest[t] = i
			:: else
			fi
		}
	:: else
	fi;
	atomic { t = 0; u = 0; i = 0; shuts = false }
}

/* Read what any reader has allocated in the epoch that is open. */
inline look()
{
	atomic { t = tag }
	atomic {
		i = newest[t];
		if
		:: holds && i != NONE -> held[i] = held[i] | 1 << me
		:: else
		fi;
		i = 0;
		t = 0
	}
}

proctype reader(byte me)
{
	byte t, u, i;
	bool holds, shuts;

	do
	:: atomic { ops > 0 -> ops-- };
		if
		:: hold()
		:: holds -> release()
		:: holds -> allocate()
		:: holds -> look()
		fi
	:: break
	od;
	if
	:: holds -> release()
	:: else
	fi;
	atomic { drain(); ended++ }
}

/* Ask the readers one after another whether each holds nothing, or the epoch of a tag; NONE: nothing. */
inline ask(t)
{
	i = 0;
	may = true;
	do
	:: may && i < ASKED ->
		atomic {
			if
			:: t == NONE -> may = (pin[i] == 0)
			:: else -> may = PASSES(pin[i], t)
			fi;
			i++
		}
	:: else -> break
	od;
	i = 0
}

/* Fill a part that is taken back: no reader may touch it. */
inline seal(part)
{
	atomic {
		for (i : (part) * ROOM .. (part) * ROOM + ROOM - 1) {
			assert(held[i] == 0);
			given[i] = false
		}
		i = 0
	}
}

inline flip()
{
	ask(tag);
	if
	:: may ->
		seal(PART(tag + 1));
		atomic {
			tag = (tag + 1) % TAGS;
			newest[tag] = NONE;
			used = 0
		}
	:: else
	fi
}

inline reset()
{
	ask(NONE);
	if
	:: may ->
		atomic {
			was = newest[tag];
			tag = (tag + STEP) % TAGS;
			newest[tag] = NONE;
			closed = CLOSES
		}
		if
		:: LOOKS_AGAIN -> ask(tag)
		:: else
		fi;
		if
		:: may ->
			seal(0);
#if PARTS == 2
			seal(1);
#endif
			atomic { used = 0; closed = false }
		:: else ->
			atomic {
				late = true;
				newest[tag] = was;
				closed = false
			}
		fi
	:: else
	fi
}

init
{
	byte i, was, left = TURNS;
	bool may;

	atomic {
		ops = OPS;
		for (i : 0 .. TAGS - 1) {
			newest[i] = NONE
		}
		for (i : 0 .. READERS - 1) {
			run reader(i)
		}
		i = 0
	}
	do
	:: left > 0 ->
		left--;
		if
#if PARTS == 2
		:: flip()
#endif
		:: reset()
		fi
	:: left == 0 -> break
	od;
	/* At rest, a reset succeeds. */
	ended == READERS;
	reset();
	assert(may && !closed && used == 0);
#if WITNESS == 1
	assert(!(again))
#endif
#if WITNESS == 2
	assert(!(late))
#endif
}
