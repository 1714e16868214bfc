/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The epochs of lib/arena: allocation in chunks, flip, quiescent states, and the return of chunks.
 * Each atomic{} is one atomic step of the C code with the private work that follows it. What a chunk
 * holds is not modelled, only who may still touch it. doc/model.md says what is left out and why.
 *
 * An instance is given by -D:
 *   OWNERS     threads with a cell of their own (lcores)
 *   SHARERS    threads that share one (threads without an lcore id)
 *   CHUNKS     chunks of the node, ROOM allocations in each
 *   EPOCHS     epochs open at once
 *   FLIPS      flips and reclaims, together
 *   OPS        allocations and quiescent states, all threads together
 *   TAGS       epochs the shared word tells apart
 *   REST       1: at the end all chunks must be in the mempool; 0 shows faults before that
 *   WITNESS    1: fail where a chunk is taken for the second time, to show that such runs are seen
 */

#define THREADS (OWNERS + SHARERS)
#define BIT(n)	(1 << (n))
#define NONE	CHUNKS

/* One -D of these breaks one rule; the tests require that spin detects each. */
#ifdef MUTANT_SKIPS_READER /* The grace does not wait for the last reader. */
#define WAITS_FOR (THREADS - 1)
#else
#define WAITS_FOR THREADS
#endif
#ifdef MUTANT_TOKEN_FIRST /* A flip takes its token before the epoch moves. */
#define TOKEN_FIRST true
#else
#define TOKEN_FIRST false
#endif
#ifdef MUTANT_NO_TOKEN /* A flip relies on the token of the flip before. */
#define NEW_TOKEN token
#else
#define NEW_TOKEN (token + 1)
#endif
#ifdef MUTANT_SLOT_TAKEN /* A flip does not check whether the slot of the next epoch was reclaimed. */
#define SLOT_FREE true
#else
#define SLOT_FREE (epoch + 1 - oldest < EPOCHS)
#endif
#ifdef MUTANT_BLIND_BUMP /* A shared bump does not detect that the word has changed. */
#define SAME(was) true
#else
#define SAME(was) (shared == (was))
#endif
#ifdef MUTANT_NO_EPOCH /* A shared bump does not check the epoch of the word. */
#define IS_OF(was, e) (CHUNK(was) != NONE)
#else
#define IS_OF(was, e) (CHUNK(was) != NONE && EPOCH(was) == (e) % TAGS)
#endif
#ifdef MUTANT_OLD_CHUNK /* An lcore allocates without a check of the epoch. */
#define MINE(e) (chunk != NONE)
#else
#define MINE(e) (chunk != NONE && mine == (e))
#endif
#ifdef MUTANT_NO_DROP /* Reclaim leaves the shared word of the epoch whose chunks it returns. */
#define DROPS false
#else
#define DROPS true
#endif
#ifdef MUTANT_LOSER_KEEPS /* A thread that loses the race for the shared word does not return its chunk. */
#define LOSER_GIVES_BACK false
#else
#define LOSER_GIVES_BACK true
#endif

/* The shared word: chunk, allocations made in it, epoch. */
#define CHUNK(w)       ((w) & 3)
#define USED(w)	       (((w) >> 2) & 3)
#define EPOCH(w)       ((w) >> 4) /* Modulo TAGS. */
#define WORD(c, used, e) ((c) | (used) << 2 | ((e) % TAGS) << 4)

byte epoch = 1; /* Current. */
byte oldest = 1; /* Not yet reclaimed. */
byte token; /* Of the last flip. */
byte wants[EPOCHS]; /* Token each closed epoch waits for, by slot. */
byte acked[THREADS]; /* Last token a reader has reported; QUIET: it is gone. */
byte list[EPOCHS]; /* Chunks of each epoch, all cells together. */
byte held[THREADS]; /* Chunks a thread may touch until its next quiescent state. */
byte given[CHUNKS]; /* Places of a chunk that were handed out since it was taken. */
byte newest[EPOCHS]; /* A chunk of that epoch others may be told of; NONE. */
byte avail = BIT(CHUNKS) - 1; /* Chunks in the mempool. */
byte moving; /* Chunks between the mempool and a list. */
byte shared = NONE;
byte ops, ended;
bool again; /* A chunk was taken for the second time. */
byte taken; /* Chunks that were ever taken. */

#define QUIET 255

inline take(c)
{
	/* rte_mempool_get(): any chunk. */
	atomic {
		if
		:: avail == 0 -> c = NONE
		:: avail & BIT(0) -> c = 0
#if CHUNKS > 1
		:: avail & BIT(1) -> c = 1
#endif
#if CHUNKS > 2
		:: avail & BIT(2) -> c = 2
#endif
		fi
		if
		:: c != NONE ->
			for (i : 0 .. THREADS - 1) {
				/* No thread may still touch a chunk that is handed out again. */
				assert(!(held[i] & BIT(c)));
			}
			i = 0;
			again = again || (taken & BIT(c));
			taken = taken | BIT(c);
			avail = avail & ~BIT(c);
			moving = moving | BIT(c);
			given[c] = 0
		:: else
		fi
	}
}

inline into_list(c, e)
{
	atomic {
		assert(!(list[(e) % EPOCHS] & BIT(c)));
		list[(e) % EPOCHS] = list[(e) % EPOCHS] | BIT(c);
		moving = moving & ~BIT(c)
	}
}

inline hand_out(c, place, e)
{
	assert(!(given[c] & BIT(place)));
	given[c] = given[c] | BIT(place);
	held[me] = held[me] | BIT(c);
	newest[(e) % EPOCHS] = c
}

/* An lcore: it alone writes its cell. */
inline allocate_own()
{
	atomic { e = epoch }
	if
	:: MINE(e) && used < ROOM ->
		atomic {
			hand_out(chunk, used, e);
			used++
		}
	:: else ->
		take(c);
		if
		:: c == NONE
		:: else ->
			into_list(c, e);
			atomic {
				chunk = c;
				mine = e;
				used = 1;
				hand_out(c, 0, e);
				c = NONE
			}
		fi
	fi;
	e = 0
}

/* A thread without an lcore id: one word for all of them. */
inline allocate_shared()
{
	done = false;
	do
	:: done -> break
	:: !done ->
		/* The word first: its epoch is then no later than the one read after it. */
		atomic { was = shared }
		atomic { e = epoch }
		if
		:: IS_OF(was, e) && USED(was) < ROOM ->
			atomic {
				if
				:: SAME(was) ->
					shared = WORD(CHUNK(was), USED(was) + 1, e);
					hand_out(CHUNK(was), USED(was), e);
					done = true
				:: else
				fi
			}
		:: else ->
			take(c);
			if
			:: c == NONE -> done = true
			:: else ->
				atomic {
					if
					:: SAME(was) ->
						shared = WORD(c, 1, e);
						hand_out(c, 0, e);
						done = true
					:: else ->
						if
						:: LOSER_GIVES_BACK ->
							moving = moving & ~BIT(c);
							avail = avail | BIT(c)
						:: else
						fi;
						c = NONE
					fi
				}
				if
				:: c != NONE -> into_list(c, e)
				:: else
				fi
			fi
		fi
	od;
	atomic {
		e = 0;
		c = NONE;
		was = 0;
		done = false
	}
}

/* Read what another thread has allocated in the epoch that is open. */
inline look()
{
	atomic { e = epoch }
	atomic {
		c = newest[e % EPOCHS];
		if
		:: c != NONE -> held[me] = held[me] | BIT(c)
		:: else
		fi;
		c = NONE;
		e = 0
	}
}

inline quiescent()
{
	/* rte_rcu_qsbr_quiescent(): the token is read, then reported. */
	atomic {
		held[me] = 0;
		was = token
	}
	atomic {
		acked[me] = was;
		was = 0
	}
}

proctype reader(byte me)
{
	byte chunk = NONE, mine, used; /* Its cell. */
	byte c = NONE, e, was, i;
	bool done;

	do
	:: atomic { ops > 0 -> ops-- };
		if
		:: me < OWNERS -> allocate_own()
		:: me >= OWNERS -> allocate_shared()
		:: look()
		:: quiescent()
		fi
	:: break
	od;
	/* Unregistered. */
	atomic {
		held[me] = 0;
		acked[me] = QUIET;
		ended++
	}
}

inline flip()
{
	if
	:: SLOT_FREE ->
		if
		:: TOKEN_FIRST -> atomic { token = NEW_TOKEN }
		:: else
		fi;
		atomic {
			newest[(epoch + 1) % EPOCHS] = NONE;
			epoch++
		}
		if
		:: !TOKEN_FIRST -> atomic { token = NEW_TOKEN }
		:: else
		fi;
		atomic { wants[(epoch - 1) % EPOCHS] = token }
	:: else
	fi
}

/* The oldest closed epoch, if its grace is over. Readers are asked one after another. */
inline reclaim()
{
	over = oldest < epoch;
	i = 0;
	do
	:: over && i < WAITS_FOR ->
		atomic {
			over = acked[i] >= wants[oldest % EPOCHS];
			i++
		}
	:: else -> break
	od;
	if
	:: over && DROPS ->
		atomic {
			was = shared;
			drop = CHUNK(was) != NONE && EPOCH(was) == oldest % TAGS
		}
		if
		:: drop ->
			atomic {
				if
				:: shared == was -> shared = NONE
				:: else
				fi
			}
		:: else
		fi
	:: else
	fi;
	atomic {
		i = 0;
		was = 0;
		drop = false;
		if
		:: over ->
			avail = avail | list[oldest % EPOCHS];
			list[oldest % EPOCHS] = 0;
			oldest++;
			over = false
		:: else
		fi
	}
}

init
{
	byte i, left = FLIPS, was;
	bool over, drop;

	atomic {
		ops = OPS;
		for (i : 0 .. EPOCHS - 1) {
			newest[i] = NONE
		}
		for (i : 0 .. THREADS - 1) {
			run reader(i)
		}
		i = 0
	}
	do
	:: left > 0 ->
		left--;
		if
		:: flip()
		:: reclaim()
		fi
	:: left == 0 -> break
	od;
#if REST
	/* At rest: flip once more, and all chunks return. */
	ended == THREADS;
	do
	:: oldest < epoch -> reclaim()
	:: else -> break
	od;
	flip();
	reclaim();
	assert(moving == 0);
	assert(avail == BIT(CHUNKS) - 1);
#endif
#if WITNESS
	ended == THREADS;
	assert(!(again))
#endif
}
