/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The protocol of lib/magazine (layout.h there) with magazines of one or two numbers: get and put, the
 * entry of owners and thieves, the depot, thefts, death and reclaim. An atomic{} is one atomic step of
 * the C code with the private work around it; inlines have the names of the C functions. doc/model.md
 * lists what is left out, and says why the steps may be atomic.
 *
 * An instance is given by -D:
 *   THREADS    3 at most; thread t owns cell t if t < OWNERS, the others begin without a cell
 *   CELLS, SIZE (numbers in a magazine, 2 at most), OBJECTS (7 at most)
 *   OPS        gets and puts, all threads together
 *   BURST      objects of the largest get and put
 *   STOPS      threads that may stop for ever, which others cannot find out
 *   DEATHS     threads that may die, which others can find out
 *   REFUSED    mask of threads whose process may not call membarrier(2)
 *   APART      1: each thread is a process of its own
 *   THEFT      1: threads die in a theft only, to make instances smaller
 *   WITNESS    1: fail where a reclaim finished a theft; 2: where a guest worked; 3: where a get failed
 */

/* One -D of these breaks one rule; the tests require that spin detects each. */
#ifdef MUTANT_NO_BARRIER /* A thief does not pass the barrier. */
#define PASSES(x) false
#elif defined(MUTANT_OWN_FOR_ALL) /* A thief passes the barrier in its own process only. */
#define PASSES(x) (PROCESS(me) == PROCESS_OF(owner[x]))
#else
#define PASSES(x) (!own || PROCESS(me) == PROCESS_OF(owner[x]))
#endif
#ifdef MUTANT_BARRIER_FIRST /* A thief passes the barrier before it sets `revoked`. */
#define BARRIER_FIRST true
#else
#define BARRIER_FIRST false
#endif
#ifdef MUTANT_NO_LOOK /* A thief does not check whether the owner is inside. */
#define INSIDE(x) false
#else
#define INSIDE(x) seen
#endif
#ifdef MUTANT_OWNER_IGNORES /* An owner does not check whether its cell is revoked. */
#define IS_REVOKED(x) false
#else
#define IS_REVOKED(x) (revoked[x] != 0)
#endif
#ifdef MUTANT_NO_FENCE /* A process without membarrier enters without a fence. */
#define ENTERS SENT
#else
#define ENTERS (REFUSES(me) -> SEEN : SENT)
#endif
#ifdef MUTANT_IGNORES_FENCED /* A thief takes cells whose owners its barriers do not reach. */
#define CAN_ORDER(x) true
#else
#define CAN_ORDER(x) (owner[x] == 0 || (signer[x] == owner[x] && FENCES(owner[x])) || !REFUSES(me))
#endif
#ifdef MUTANT_TWO_THIEVES /* A thief revokes a cell that another has. */
#define REVOKES(x) true
#else
#define REVOKES(x) (revoked[x] == 0)
#endif
#ifdef MUTANT_CLAIM_BLIND /* Two threads claim one cell. */
#define FREE_CELL(x) ok
#else
#define FREE_CELL(x) (owner[x] == 0)
#endif
#ifdef MUTANT_BLIND_GET /* A thread that sees a magazine in the depot gets it without a swap. */
#define SWAPS(m, as) true
#else
#define SWAPS(m, as) (state[m] == (as))
#endif
#ifdef MUTANT_NO_JOURNAL /* A thief writes no journal. */
#define JOURNALS false
#else
#define JOURNALS true
#endif
#ifdef MUTANT_FINISH_BLIND /* A reclaimer finishes a theft that had not begun. */
#define BEGUN(d) true
#else
#define BEGUN(d) (COUNT(J_VICTIM(d), J_FROM(d)) != J_THEIRS(d))
#endif
#ifdef MUTANT_FINISH_TWICE /* A reclaimer finishes a theft that was done. */
#define DONE(d) false
#else
#define DONE(d) (lc[d] != J_OURS(d))
#endif
#ifdef MUTANT_RECLAIM_ALIVE /* A reclaimer does not ask whether the owner is dead. */
#define DEAD(t) true
#else
#define DEAD(t) dead[t]
#endif
#ifdef MUTANT_RECLAIMERS_DIE /* A live reclaimer counts as dead. */
#define RECLAIMER_DEAD(w) true
#else
#define RECLAIMER_DEAD(w) (owner[RECLAIMER_CELL(w)] != RECLAIMER_OWNER(w) || DEAD(RECLAIMER_OWNER(w) - 1))
#endif
#ifdef MUTANT_RECLAIMERS_LIVE /* A reclaimer is never known to be dead. */
#undef RECLAIMER_DEAD
#define RECLAIMER_DEAD(w) false
#endif
#ifdef MUTANT_RECLAIM_BLIND /* Two reclaimers recover one cell. */
#define SAME_OWNER(x) true
#else
#define SAME_OWNER(x) (owner[x] == z)
#endif
#ifdef MUTANT_IDLE_DEAD /* A reclaimer skips the objects of a dead owner in an idle cell. */
#define LEFT_SOMETHING(x) (busy[x] != 0)
#else
#define LEFT_SOMETHING(x) (busy[x] != 0 || lc[x] + pc[x] != 0)
#endif
#ifdef MUTANT_UNSIGNED /* An owner that dies before it signs is never known to be dead. */
#define MAY_ASK(x) (signer[x] == owner[x])
#else
#define MAY_ASK(x) true
#endif
#ifdef MUTANT_RECLAIM_BORROWED /* A reclaimer works in a cell that a borrower works in. */
#define BORROWED(x) false
#else
#define BORROWED(x) (busy[x] != 0 && revoked[x] == BORROWER)
#endif
#ifdef MUTANT_NO_STEAL /* A get fails while others have enough in their cells. */
#define STEALS false
#else
#define STEALS true
#endif
#ifdef MUTANT_KEEPS /* A get of many that fails keeps what it took. */
#define GIVES_BACK false
#else
#define GIVES_BACK true
#endif
#ifdef MUTANT_OWNERS_DO_NOT_LOOK /* A thread that owns a cell does not search for the cells of dead owners. */
#define LOOKS_FOR_DEAD (mine == NONE)
#else
#define LOOKS_FOR_DEAD true
#endif
#ifdef MUTANT_NO_RECLAIM /* A get that would fail does not search for dead owners. */
#define RECLAIMS false
#else
#define RECLAIMS (DEATHS > 0 && hold != BORROW)
#endif

#ifdef MUTANT_NO_ROOM /* There are magazines for the cells only. */
#define MAGS (2 * CELLS)
#else
#define MAGS (2 * CELLS + OBJECTS / SIZE)
#endif
#define NONE    15 /* No magazine, no cell. */
#define BIT(i)  (1 << (i))
#define EVERY   ((1 << OBJECTS) - 1)
#define OBJ(o)  BIT((o) - 1)
#define N(m, i) number[(m) * SIZE + (i)]

/* State words. */
#define FULL        1
#define EMPTY       2
#define HELD(x, as) (4 | (as) | (x) << 3)
#define ALL_MAGS (BIT(MAGS) - 1)
#define IN_DEPOT(m) (state[m] < 4)
#define HOLDER(m)   (state[m] >> 3)
#define AS(m)       (state[m] & 3)

/* Whether others see an owner's store to `busy`. */
#define SENT 1 /* The store is in the store buffer. */
#define SEEN 2

/* The last cell is owned for one operation, except where an instance begins with an owner in it. */
#define KEEPS(x) ((x) != CELLS - 1 || OWNERS == CELLS)

#define BORROWER 255
#define SEARCHES 2 /* The code makes 4. */

/* How a thread got its cell. */
#define OWN    0
#define GUEST  1
#define BORROW 2

/* Owner words: thread + 1, or the word of a reclaimer. */
#define CARE(t, x)    (16 + (t) * 4 + (x))
#define IS_RECLAIMER(w)    ((w) >= 16)
#define RECLAIMER_OWNER(w) (((w) - 16) / 4 + 1)
#define RECLAIMER_CELL(w)  (((w) - 16) % 4)

#define REFUSES(t)    ((REFUSED >> (t) & 1) != 0)
#define FENCES(w)     (!IS_RECLAIMER(w) && REFUSES((w) - 1))
#define PROCESS(t)    ((t) * APART)
#define PROCESS_OF(w) PROCESS((IS_RECLAIMER(w) -> RECLAIMER_OWNER(w) : (w)) - 1)

/* A journal: 1, from which magazine, victim, numbers that move, the victim's before, the thief's before. */
#define JOURNAL(x, from, n, theirs, ours) \
	(1024 | (from) << 9 | (x) << 6 | (n) << 4 | (theirs) << 2 | (ours))
#define J_FROM(x)   (journal[x] >> 9 & 1)
#define J_VICTIM(x) (journal[x] >> 6 & 7)
#define J_MOVED(x)  (journal[x] >> 4 & 3)
#define J_THEIRS(x) (journal[x] >> 2 & 3)
#define J_OURS(x)   (journal[x] & 3)

#define COUNT(x, from) ((from) == 1 -> pc[x] : lc[x])
#define MAG(x, from)   ((from) == 1 -> pv[x] : ld[x])

#ifdef MUTANT_GATE /* A search for a full magazine gives up although one is there. */
#define GATE <=
#else
#define GATE <
#endif
/* Shared memory. A pair is one word, so its four parts change in one step. */
byte ld[CELLS], lc[CELLS], pv[CELLS], pc[CELLS];
byte owner[CELLS], signer[CELLS], busy[CELLS], revoked[CELLS];
short journal[CELLS];
byte state[MAGS];
byte number[MAGS * SIZE];
byte free; /* The count of objects in full magazines of the depot. */
bool moved[THREADS]; /* The count has changed since the thread began to search. */

/* For the assertions only. */
byte held[THREADS]; /* Objects that the thread has taken. */
bool dead[THREADS];
byte want[THREADS]; /* Objects that the get of the thread still needs. */
byte kept[THREADS]; /* Objects within its reach ever since it began. */
byte cell_of[THREADS];
bool lends[THREADS]; /* The thread has borrowed a cell. */
byte strays; /* Threads that died in a borrowed cell. */

chan looks = [0] of { bit };
#define CHECK looks!0 /* Last in a step: the observer tries the assertions before any other step. */

byte ops = OPS;
byte stops = STOPS;
byte deaths = DEATHS;
bool rest; /* At the end. */
byte over; /* Threads that have ended, stopped or died. */

hidden byte i_;
hidden byte m_;
hidden byte t_;
hidden byte o_;
hidden byte x_;
hidden byte sum_;

/* A detached magazine of a cell; numbers that have left the victim and not reached the thief. */
#define IN_HANDS(m) (!IN_DEPOT(m) && ld[HOLDER(m)] != (m) && pv[HOLDER(m)] != (m))
#define MOVING(x) (journal[x] != 0 && COUNT(J_VICTIM(x), J_FROM(x)) != J_THEIRS(x) && lc[x] == J_OURS(x))

#define ONCE(o) assert((o) != 0 && (sum_ & OBJ(o)) == 0) /* No object twice. */

inline see(m, from, n)
{
	for (i_ : (from) + 1 .. (from) + (n)) {
		o_ = N(m, i_ - 1);
		ONCE(o_);
		sum_ = sum_ | OBJ(o_)
	}
}

/* In any state: each object is taken, or free in one place. */
inline check_map()
{
	sum_ = 0;
	for (t_ : 0 .. THREADS - 1) {
		assert((sum_ & held[t_]) == 0);
		sum_ = sum_ | held[t_]
	}
	for (x_ : 0 .. CELLS - 1) {
		see(ld[x_], 0, lc[x_]);
		if
		:: pv[x_] != NONE -> see(pv[x_], 0, pc[x_])
		:: else
		fi;
		if
		:: MOVING(x_) -> see(ld[x_], J_OURS(x_), J_MOVED(x_))
		:: else
		fi
	}
	for (m_ : 0 .. MAGS - 1) {
		if
		:: AS(m_) == FULL && (IN_DEPOT(m_) || IN_HANDS(m_)) -> see(m_, 0, SIZE)
		:: else
		fi
	}
	assert(sum_ == EVERY); /* None lost. */
	i_ = 0; m_ = 0; t_ = 0; o_ = 0; x_ = 0; sum_ = 0
}
#define OWNER_DEAD(x) (owner[x] != 0 && MAY_ASK(x) && \
	(IS_RECLAIMER(owner[x]) -> RECLAIMER_DEAD(owner[x]) : DEAD(owner[x] - 1)))

/* Whether the pair of a cell is within reach of the thread: no live thread is inside. */
#define LEFT(x)    (owner[x] != 0 && !IS_RECLAIMER(owner[x]) && dead[owner[x] - 1])
#define LET_GO(x)  (revoked[x] == 0 || \
	(revoked[x] != BORROWER && LEFT(revoked[x] - 1) && busy[revoked[x] - 1] != 0 && revoked[revoked[x] - 1] != BORROWER))
#define OPEN(t, x) (x == cell_of[t] || \
	((LET_GO(x) || (cell_of[t] != NONE && revoked[x] == 1 + cell_of[t])) && \
		(busy[x] != 0 || (REFUSES(t) && owner[x] != 0 && !FENCES(owner[x])) -> LEFT(x) : true)))

inline add(m, from, n)
{
	for (i_ : (from) + 1 .. (from) + (n)) {
		o_ = N(m, i_ - 1);
		sum_ = sum_ | OBJ(o_)
	}
}

/*
 * For each get under way: keep the objects that it could have had all the while; none, once they are
 * too few.
 */
inline look()
{
	for (t_ : 0 .. THREADS - 1) {
		if
		:: kept[t_] != 0 ->
			sum_ = 0;
			for (x_ : 0 .. CELLS - 1) {
				if
				:: OPEN(t_, x_) ->
					add(ld[x_], 0, lc[x_]);
					if
					:: pc[x_] != 0 -> add(pv[x_], 0, pc[x_])
					:: else
					fi;
					if
					:: MOVING(x_) -> add(ld[x_], J_OURS(x_), J_MOVED(x_))
					:: else
					fi
				:: else
				fi
			}
			for (m_ : 0 .. MAGS - 1) {
				if
				:: (IN_HANDS(m_) && OPEN(t_, HOLDER(m_)) && AS(m_) == FULL) || state[m_] == FULL ->
					add(m_, 0, SIZE)
				:: else
				fi
			}
			kept[t_] = kept[t_] & sum_;
			sum_ = 0;
			for (o_ : 1 .. OBJECTS) {
				sum_ = sum_ + ((kept[t_] & OBJ(o_)) != 0 -> 1 : 0)
			}
			kept[t_] = (sum_ < want[t_] -> 0 : kept[t_])
		:: else
		fi
	}
	i_ = 0; m_ = 0; t_ = 0; o_ = 0; x_ = 0; sum_ = 0
}
#define HIDERS (STOPS - stops + strays)

/* At rest, see tidei_magazines_check(); only the detached magazines of stopped threads are hidden. */
inline check_rest()
{
	for (m_ : 0 .. MAGS - 1) {
		if
		:: !IN_DEPOT(m_) && IN_HANDS(m_) ->
			sum_ = sum_ + (AS(m_) == FULL -> 1 : 0);
			o_ = o_ + (AS(m_) == EMPTY -> 1 : 0)
		:: else
		fi
	}
	/* Detached magazines: a full one and an empty one. */
	assert(sum_ <= HIDERS && o_ <= HIDERS);
	sum_ = 0; o_ = 0; i_ = 0; t_ = 0;
	for (x_ : 0 .. CELLS - 1) {
		sum_ = sum_ + (busy[x_] != 0 -> 1 : 0);
		o_ = o_ + (revoked[x_] != 0 -> 1 : 0);
		i_ = i_ + (pv[x_] == NONE -> 1 : 0);
		t_ = t_ + (journal[x_] != 0 -> 1 : 0)
	}
	/* Cells: the one it is in and one that it revoked. */
	assert(sum_ + o_ <= 2 * HIDERS + strays && i_ <= HIDERS && t_ <= HIDERS);
	i_ = 0; m_ = 0; t_ = 0; o_ = 0; x_ = 0; sum_ = 0
}

/* Before a store a thread may stop for ever, or die. Kernels drain the store buffer of the dead. */
inline may_end()
{
	if
	:: true
#if STOPS > 0
	:: stops > 0 -> stops--; goto stopped
#endif
#if DEATHS > 0
	:: deaths > 0 && (!THEFT || (c != NONE && journal[c % CELLS] != 0)) ->
		d_step {
			deaths--;
			dead[me] = true;
			strays = strays + (lends[me] -> 1 : 0);
			for (x_ : 0 .. CELLS - 1) {
				if
				:: owner[x_] == me + 1 && busy[x_] == SENT -> busy[x_] = SEEN
				:: else
				fi
			}
			x_ = 0
		}
		goto stopped
#endif
	fi
}

/* The value of another thread's `busy` that a thread loads. */
inline see_busy(x)
{
	if
	:: busy[x] == SENT -> seen = false
	:: busy[x] == SENT -> busy[x] = SEEN; seen = true
	:: busy[x] != SENT -> seen = (busy[x] != 0)
	fi
}

/* ok: the thread is inside a cell that it owns. */
inline cell_enter(x)
{
#ifdef MUTANT_OWNER_LOOKS_FIRST /* An owner looks at `revoked` before it says that it is inside. */
	atomic { ok = !IS_REVOKED(x) }
	atomic { may_end(); busy[x] = ENTERS; CHECK }
#else
	atomic { may_end(); busy[x] = ENTERS; CHECK }
	atomic { ok = !IS_REVOKED(x) }
#endif
#ifdef MUTANT_WAITS /* An owner waits for the thief in its cell. */
	do
	:: !ok -> ok = !IS_REVOKED(x)
	:: else -> break
	od
#endif
	if
	:: ok
#ifdef MUTANT_OWNER_STAYS /* An owner that backs off leaves `busy` set. */
	:: else
#else
	:: else -> atomic { may_end(); busy[x] = 0 }
#endif
	fi
}

inline barrier_heavy()
{
	d_step {
		for (x_ : 0 .. CELLS - 1) {
			if
			:: busy[x_] == SENT && PASSES(x_) -> busy[x_] = SEEN
			:: else
			fi
		}
		x_ = 0
	}
}

/* ok: the cell's pair is the thread's. */
inline cell_revoke(x, thief)
{
	if
	:: BARRIER_FIRST -> atomic { own = false; barrier_heavy() }
	:: else
	fi;
	atomic {
		may_end();
		ok = REVOKES(x);
		if
		:: ok -> revoked[x] = thief; lends[me] = lends[me] || thief == BORROWER; CHECK
		:: else
		fi
	}
	if
	:: ok ->
		atomic {
			ok = CAN_ORDER(x);
			heavy = !(owner[x] == 0 || REFUSES(me) || (signer[x] == owner[x] && FENCES(owner[x])));
			own = (owner[x] != 0 && signer[x] == owner[x] && PROCESS(me) == PROCESS_OF(owner[x]))
		}
		if
		:: ok && heavy && !BARRIER_FIRST -> atomic { barrier_heavy() }
		:: else
		fi;
		if
		:: ok -> atomic { see_busy(x); ok = !INSIDE(x); own = false; heavy = false; seen = false }
		:: else
		fi;
		if
		:: ok
#ifdef MUTANT_BACK_KEEPS /* A thief that backs off leaves the cell revoked. */
		:: else -> own = false
#else
		:: else -> atomic { may_end(); revoked[x] = 0; own = false; heavy = false; lends[me] = lends[me] && thief != BORROWER }
#endif
		fi
	:: else
	fi
}

/* Any move of full magazines disturbs the searches of all. */
inline moves()
{
	for (t_ : 0 .. THREADS - 1) {
		moved[t_] = true
	}
	t_ = 0
}

inline lowest()
{
	m = 0;
	do
	:: (left & BIT(m)) == 0 -> m++
	:: else -> break
	od
}

/* m: a magazine that cell x holds now; NONE: none was found. */
inline depot_get(x, as)
{
	do
	:: tries < SEARCHES ->
		atomic { d_step { moved[me] = false; tries++; m = NONE } }
		/* Where the count says that no full magazine is there, the states are not read. */
		atomic { left = ((as) == FULL && free GATE SIZE -> 0 : ALL_MAGS) }
		do
		:: left != 0 ->
			atomic {
				d_step { lowest(); left = left & ~BIT(m); ok = (state[m] == (as)) }
#ifdef MUTANT_BLIND_GET
			}
			atomic {
#endif
				if
				:: ok && SWAPS(m, as) ->
					may_end();
					state[m] = HELD(x, as);
					left = 0;
					CHECK
				:: else -> m = NONE
				fi
			}
		:: else -> break
		od;
		if
		:: m != NONE ->
			if
			:: as == FULL -> atomic { may_end(); d_step { free = free - SIZE; moves() } }
			:: else
			fi;
			break
		:: else ->
			if
			:: moved[me]
			:: else -> break
			fi
		fi
	:: else -> break
	od;
	atomic { tries = 0; ok = false; moved[me] = false }
}

/* An empty magazine is in the depot, by its state at least, whenever one is needed. */
inline check_room()
{
	d_step {
		for (m_ : 0 .. MAGS - 1) {
			sum_ = sum_ + (state[m_] == EMPTY -> 1 : 0)
		}
		assert(sum_ > 0);
		m_ = 0;
		sum_ = 0
	}
}

inline depot_put(y, as)
{
#ifdef MUTANT_COUNTED_LAST /* A full magazine is in the depot before it is counted. */
	atomic { may_end(); state[y] = as; CHECK }
#endif
	if
	:: as == FULL -> atomic { may_end(); d_step { free = free + SIZE; moves() } }
	:: else
	fi;
#ifndef MUTANT_COUNTED_LAST
	atomic { may_end(); state[y] = as; CHECK }
#endif
}

/* y: the previous magazine, detached, which the depot gets next. */
inline detach_previous(as)
{
#ifdef MUTANT_HANDS_UNSAID /* The state of a magazine that leaves a pair does not say whether it is full. */
	y = pv[c];
#else
	atomic { may_end(); d_step { y = pv[c]; state[y] = HELD(c, as) } }
#endif
	atomic { may_end(); d_step { pv[c] = NONE; pc[c] = 0 } CHECK }
}

inline steal_move(from)
{
	atomic {
		k = SIZE - lc[c];
		k = (COUNT(v, from) < k -> COUNT(v, from) : k);
		if
		:: k > 0 ->
			may_end();
			d_step {
				for (i_ : 0 .. k - 1) {
					N(ld[c], lc[c] + i_) = N(MAG(v, from), COUNT(v, from) - k + i_)
				}
				i_ = 0;
				journal[c] = (JOURNALS -> JOURNAL(v, from, k, COUNT(v, from), lc[c]) : 0)
			}
		:: else
		fi
	}
	if
	:: k > 0 ->
#ifdef MUTANT_THIEF_FIRST /* A thief counts the numbers in its pair before it removes them from that of the victim. */
		atomic { may_end(); lc[c] = lc[c] + k; CHECK }
#endif
#ifndef MUTANT_STEAL_COPIES /* A thief copies numbers and leaves them with the victim. */
		atomic {
			may_end();
			if
			:: from == 1 -> pc[v] = pc[v] - k
			:: else -> lc[v] = lc[v] - k
			fi;
			CHECK
		}
#endif
#ifndef MUTANT_THIEF_FIRST
		atomic { may_end(); lc[c] = lc[c] + k; CHECK }
#endif
#ifndef MUTANT_JOURNAL_STAYS /* A thief leaves its journal when it is done. */
		atomic { may_end(); journal[c] = 0 }
#endif
	:: else
	fi;
	k = 0
}

inline release_victims(d)
{
	for (i : 0 .. CELLS - 1) {
		if
		:: revoked[i] == 1 + d -> atomic { may_end(); revoked[i] = 0 }
		:: else
		fi
	}
}

inline steal_finish(d)
{
	if
	:: journal[d] != 0 ->
		atomic {
			if
			:: BEGUN(d) && !DONE(d) ->
				may_end();
				lc[d] = lc[d] + J_MOVED(d);
				assert(WITNESS != 1);
				CHECK
			:: else
			fi
		}
		atomic { may_end(); journal[d] = 0 }
	:: else
	fi
}

inline return_detached(d)
{
	y = 0;
	do
	:: y < MAGS ->
		atomic { k = state[y] }
		if
#ifndef MUTANT_FORGETS_HANDS /* It does not return detached magazines. */
		:: k >= 4 && k >> 3 == d && ld[d] != y && pv[d] != y -> depot_put(y, (k & 3))
#endif
		:: else
		fi;
		atomic { y++; k = 0 }
	:: else -> break
	od;
	y = 0
}

inline complete_pair(d)
{
	if
	:: pv[d] == NONE ->
		do
		:: m == NONE -> check_room(); depot_get(d, EMPTY)
		:: else -> break
		od;
		atomic { may_end(); d_step { pv[d] = m; pc[d] = 0; m = NONE } CHECK }
	:: else
	fi
}

/* Recover the cell d, whose owner word is that of the thread. */
inline recover(d)
{
	if
	:: busy[d] != 0 ->
#ifdef MUTANT_LEAVES_FIRST /* A reclaimer admits thieves to the cell before it has recovered it. */
		atomic { may_end(); busy[d] = 0 }
#endif
#ifdef MUTANT_FREES_FIRST /* A reclaimer restores victims before it has finished the theft. */
		release_victims(d);
		steal_finish(d);
#else
		steal_finish(d);
#ifndef MUTANT_FORGETS_VICTIMS /* It leaves them revoked. */
		release_victims(d);
#endif
#endif
		return_detached(d);
#ifndef MUTANT_HALF_A_PAIR /* It leaves a pair of one magazine. */
		complete_pair(d);
#endif
		atomic { may_end(); busy[d] = 0 }
	:: else
	fi
}

inline entered(x)
{
	atomic {
		c = x;
		hold = (mine == NONE && KEEPS(x) -> OWN : GUEST);
		mine = (mine == NONE && KEEPS(x) -> x : mine);
		assert(WITNESS != 2 || hold == OWN)
	}
}

/* A cell to work in: c and hold. */
inline cell_begin()
{
	do
	:: c == NONE ->
		if
		:: mine != NONE ->
			cell_enter(mine);
			if
			:: ok -> atomic { c = mine; hold = OWN }
			:: else
			fi
		:: else
		fi;
		i = 0;
		do
		:: c == NONE && i < CELLS ->
#ifdef MUTANT_CLAIM_BLIND
			atomic { ok = (owner[i] == 0) }
#endif
			atomic {
				if
				:: FREE_CELL(i) -> may_end(); owner[i] = me + 1; ok = true
				:: else -> ok = false
				fi
			}
			if
			:: ok ->
				atomic { may_end(); signer[i] = me + 1 }
				cell_enter(i);
				if
				:: ok -> entered(i)
				:: else -> atomic { may_end(); owner[i] = 0 }
				fi
			:: else
			fi;
			i++
		:: else -> break
		od;
#if DEATHS > 0
		if
		:: c == NONE && LOOKS_FOR_DEAD ->
			/* find_dead() */
			v = 0;
			do
			:: v < CELLS ->
				atomic {
					if
					:: OWNER_DEAD(v) && owner[v] != me + 1 && !BORROWED(v) ->
						may_end();
						owner[v] = me + 1;
						ok = true;
						CHECK
					:: else -> v++
					fi
				}
				if
				:: ok -> break
				:: else
				fi
			:: else -> break
			od;
			if
			:: v < CELLS ->
				ok = false;
				atomic { may_end(); signer[v] = me + 1 }
				recover(v);
				cell_enter(v);
				if
				:: ok -> entered(v)
				:: else ->
					done = true; /* It searches again before it borrows. */
					if
					:: mine == NONE && KEEPS(v) -> mine = v
					:: else -> atomic { may_end(); owner[v] = 0 }
					fi
				fi
			:: else
			fi
		:: else
		fi;
#endif
		if
		:: c == NONE && !done ->
			v = 0;
			do
			:: c == NONE && v < CELLS ->
				cell_revoke(v, BORROWER);
				if
				:: ok -> atomic { c = v; hold = BORROW }
				:: else
				fi;
				v++
			:: else -> break
			od
		:: else
		fi;
		atomic { i = 0; v = 0; ok = false; done = false }
	:: else -> break
	od;
	cell_of[me] = c
}

inline cell_end()
{
	cell_of[me] = NONE;
	if
	:: hold == BORROW -> atomic { may_end(); revoked[c] = 0; lends[me] = false }
	:: else ->
#ifdef MUTANT_GUEST_GOES_FIRST /* A guest gives up the cell before it has left it. */
		if
		:: hold == GUEST -> atomic { may_end(); owner[c] = 0 }
		:: else
		fi;
		atomic { may_end(); busy[c] = 0 }
#else
		atomic { may_end(); busy[c] = 0 }
		if
		:: hold == GUEST -> atomic { may_end(); owner[c] = 0 }
		:: else
		fi
#endif
	fi;
	atomic { c = NONE; hold = OWN }
}

/* short: the loaded magazine does not have n. */
inline fill(n)
{
	atomic {
		if
		:: pc[c] >= n || lc[c] == 0 ->
			may_end();
			d_step {
				m = ld[c]; ld[c] = pv[c]; pv[c] = m;
				m = lc[c]; lc[c] = pc[c]; pc[c] = m;
				m = NONE
			}
		:: else ->
			if
			:: pc[c] != 0 ->
				may_end();
				d_step {
					k = SIZE - lc[c];
					k = (pc[c] < k -> pc[c] : k);
					for (i_ : 0 .. k - 1) {
						N(ld[c], lc[c] + i_) = N(pv[c], pc[c] - k + i_)
					}
					i_ = 0;
					lc[c] = lc[c] + k;
					pc[c] = pc[c] - k;
					k = 0
				}
				CHECK
			:: else
			fi
		fi
	}
	if
	:: lc[c] < n ->
#ifdef MUTANT_EMPTY_FIRST /* A get puts its empty magazine into the depot before it has a full one. */
		detach_previous(EMPTY);
		depot_put(y, EMPTY);
#endif
#ifndef MUTANT_NO_DEPOT /* A get does not try the depot. */
		depot_get(c, FULL);
#endif
		if
		:: m != NONE ->
			atomic { z = m; m = NONE }
#ifndef MUTANT_EMPTY_FIRST
			detach_previous(EMPTY);
			depot_put(y, EMPTY);
#endif
			atomic {
				may_end();
				d_step {
					pv[c] = ld[c]; pc[c] = lc[c];
					ld[c] = z; lc[c] = SIZE;
					z = 0; y = 0
				}
				CHECK
			}
		:: else ->
			/* tidei_steal() */
			count_cells();
			if
			:: sum >= n && STEALS ->
				i = 1;
				do
				:: i < CELLS && lc[c] < n ->
					atomic { v = (c + i) % CELLS; sum = lc[v] + pc[v] }
					if
					:: sum != 0 ->
						cell_revoke(v, 1 + c);
						if
						:: ok ->
#ifdef MUTANT_LETS_GO_FIRST /* A thief restores the victim before it has taken the numbers. */
							atomic { may_end(); revoked[v] = 0 }
#endif
							steal_move(0);
#ifndef MUTANT_NO_PREVIOUS /* A thief does not steal from previous magazines. */
							steal_move(1);
#endif
#ifndef MUTANT_LETS_GO_FIRST
							atomic { may_end(); revoked[v] = 0 }
#endif
						:: else
						fi
					:: else
					fi;
					atomic { i++; v = 0; ok = false }
				:: else -> break
				od
			:: else
			fi;
			atomic { i = 0; sum = 0 }
		fi
	:: else
	fi
}

/* sum: free objects in all cells, approximately. */
inline count_cells()
{
	atomic { sum = 0; i = 0 }
	do
	:: i < CELLS -> atomic { sum = sum + lc[i] + pc[i]; i++ }
	:: else -> break
	od;
	i = 0
}

/* done: recovered cells. */
inline reclaim()
{
#if DEATHS > 0
	if
	:: RECLAIMS ->
		v = 0;
		do
		:: v < CELLS ->
			atomic { ok = (OWNER_DEAD(v) && owner[v] != me + 1 && LEFT_SOMETHING(v) && !BORROWED(v)); z = owner[v] }
			if
			:: ok ->
				atomic {
					may_end();
					ok = SAME_OWNER(v);
					z = 0;
					owner[v] = (ok -> CARE(me, c) : owner[v]);
					CHECK
				}
				if
				:: ok ->
#ifdef MUTANT_RECLAIM_FREES_FIRST /* A reclaimer releases the cell before it has recovered it. */
					atomic { may_end(); owner[v] = 0; done = true }
					recover(v)
#else
					recover(v);
					atomic { may_end(); owner[v] = 0; done = true }
#endif
				:: else
				fi
			:: else -> z = 0
			fi;
			atomic { v++; ok = false }
		:: else -> break
		od;
		v = 0
	:: else
	fi
#endif
	skip
}

/* Objects that the thread has put at most n of, or, in a get that fails, has to put. */
inline put(n)
{
	do
	:: n > 0 ->
		if
		:: lc[c] == SIZE ->
			if
			:: pc[c] < SIZE ->
				atomic {
					may_end();
					d_step {
						m = ld[c]; ld[c] = pv[c]; pv[c] = m;
						m = lc[c]; lc[c] = pc[c]; pc[c] = m;
						m = NONE
					}
				}
			:: else ->
				detach_previous(FULL);
				depot_put(y, FULL);
				do
				:: m == NONE -> check_room(); depot_get(c, EMPTY)
				:: else -> break
				od;
				atomic {
					may_end();
					d_step {
						pv[c] = ld[c]; pc[c] = lc[c];
						ld[c] = m; lc[c] = 0;
						m = NONE; y = 0
					}
					CHECK
				}
			fi
		:: else
		fi;
#ifdef MUTANT_COUNT_FIRST /* A put counts a number before it has written it. */
		atomic { may_end(); lc[c] = lc[c] + 1; CHECK }
		atomic { may_end(); lc[c] = lc[c] - 1 }
#endif
		atomic {
			may_end();
			d_step {
				do
				:: n > 0 && lc[c] < SIZE ->
					for (o_ : 1 .. OBJECTS) {
						if
						:: n > 0 && lc[c] < SIZE && (held[me] & ~had & OBJ(o_)) != 0 ->
							N(ld[c], lc[c]) = o_;
							lc[c] = lc[c] + 1;
							held[me] = held[me] & ~OBJ(o_);
							n--
						:: else
						fi
					}
				:: else -> break
				od;
				o_ = 0
			}
			CHECK
		}
	:: else -> break
	od
}

/* The last n numbers of the loaded magazine are the thread's. */
inline take(n)
{
	atomic {
		may_end();
		d_step {
			for (i_ : 1 .. n) {
				lc[c] = lc[c] - 1;
				o_ = N(ld[c], lc[c]);
				N(ld[c], lc[c]) = 0;
				assert(o_ != 0 && (held[me] & OBJ(o_)) == 0);
				held[me] = held[me] | OBJ(o_)
			}
			want[me] = want[me] - n;
			i_ = 0; o_ = 0
		}
		CHECK
	}
}

inline count_held()
{
	n = 0;
	for (o_ : 1 .. OBJECTS) {
		n = n + ((held[me] & OBJ(o_)) != 0 -> 1 : 0)
	}
	o_ = 0
}

/* Tries the assertions in each state before the next step. */

proctype observer()
{
end:
	do
	:: atomic {
		looks?0;
		d_step {
			check_map();
			look();
			if
			:: rest -> check_rest()
			:: else
			fi
		}
	}
	od
}

proctype thread(byte me)
{
	byte c = NONE, mine = NONE, hold = OWN;
	byte n, got, piece; /* Of a get and of a put. */
	byte had; /* Objects from before the get. */
#ifdef MUTANT_RETRIES
	byte wish;
#endif
	byte m = NONE, y, z, k, i, v, sum, tries;
	short left;
	bool ok, own, heavy, seen, short_of, done, last;

	atomic {
		if
		:: me < OWNERS -> mine = me
		:: else
		fi
	}
	do
	:: atomic {
		ops > 0 || (DEATHS > 0 && over == THREADS - 1 && !last) ->
		if
		:: ops > 0 ->
			ops--;
			count_held();
			if
			:: n > 0 ->
				/* Put one, or up to a burst. */
				if
				:: n = 1
				:: n > 1 -> n = (n > BURST -> BURST : n)
				fi
			:: piece = 1
			:: BURST > 1 -> piece = BURST
			fi;
			if
			:: piece > 0 -> n = 0
			:: else
			fi
		:: ops == 0 -> last = true
		fi
	   }
again:
		if
		:: piece > 0 -> /* A get of `piece` objects. */
#ifdef MUTANT_RETRIES
			wish = piece;
#endif
			atomic { want[me] = piece; piece = 0; had = held[me]; kept[me] = EVERY & ~had; CHECK }
			cell_begin();
			if
			:: want[me] > SIZE ->
				/* First a count, because other gets would miss objects that this one takes and puts back. */
				z = free;
				count_cells();
				atomic { short_of = (sum + z < want[me]); z = 0; sum = 0 }
			:: else
			fi;
			do
			:: want[me] > 0 ->
				if
				:: short_of
				:: else ->
					piece = (want[me] < SIZE -> want[me] : SIZE);
					if
					:: lc[c] < piece -> fill(piece); short_of = (lc[c] < piece)
					:: else
					fi
				fi;
				if
				:: short_of ->
					reclaim();
					if
					:: done -> atomic { done = false; short_of = false }
					:: else -> break
					fi
				:: else -> take(piece); got = got + piece
				fi
			:: else -> break
			od;
			atomic {
				piece = 0;
				if
				:: short_of ->
					assert(kept[me] == 0); /* It missed no object. */
					assert(WITNESS != 3);
					n = (GIVES_BACK -> got : 0)
				:: else
				fi;
				got = 0; want[me] = 0; kept[me] = 0
			}
		:: piece == 0 && !last -> cell_begin()
		:: last -> cell_begin(); reclaim(); done = false
		fi;
		put(n);
		assert(!short_of || held[me] == had); /* All or nothing. */
#ifdef MUTANT_RETRIES /* A get that fails tries again while enough objects seem to be there. */
		if
		:: short_of -> count_cells(); wish = (sum + free >= wish -> wish : 0)
		:: else -> wish = 0
		fi;
		sum = 0;
#endif
		atomic { short_of = false; had = 0 }
		cell_end()
#ifdef MUTANT_RETRIES
		if
		:: wish > 0 -> piece = wish; goto again
		:: else
		fi
#endif
	:: atomic { ops == 0 && (DEATHS == 0 || last || over < THREADS - 1) -> break }
	od;
stopped:
	atomic {
		over++;
		want[me] = 0;
		kept[me] = 0;
		if
		:: over == THREADS && (DEATHS == 0 || (last && !dead[me])) -> rest = true; CHECK
		:: else
		fi
	}
}

/* Objects begin in any place, in all combinations; they are interchangeable. */
init {
	byte t, o, x, m;

	atomic {
		for (x : 0 .. CELLS - 1) {
			ld[x] = 2 * x;
			pv[x] = 2 * x + 1;
			state[2 * x] = HELD(x, EMPTY);
			state[2 * x + 1] = HELD(x, EMPTY);
			owner[x] = (x < OWNERS -> x + 1 : 0);
			signer[x] = owner[x]
		}
		o = 1;
		for (t : 0 .. THREADS - 1) {
			cell_of[t] = NONE;
			do
			:: o <= OBJECTS -> held[t] = held[t] | OBJ(o); o++
			:: break
			od
		}
		for (x : 0 .. CELLS - 1) {
			do
			:: o <= OBJECTS && lc[x] < SIZE -> N(ld[x], lc[x]) = o; lc[x] = lc[x] + 1; o++
			:: break
			od;
			do
			:: o <= OBJECTS && pc[x] < SIZE -> N(pv[x], pc[x]) = o; pc[x] = pc[x] + 1; o++
			:: break
			od
		}
end_uneven: /* The depot has full magazines only: not a valid beginning. */
		(OBJECTS + 1 - o) % SIZE == 0 && (OBJECTS + 1 - o) / SIZE <= MAGS - 2 * CELLS;
		for (m : 2 * CELLS .. MAGS - 1) {
			state[m] = EMPTY;
			if
			:: o <= OBJECTS ->
				state[m] = FULL;
				free = free + SIZE;
				for (t : 0 .. SIZE - 1) {
					N(m, t) = o;
					o++
				}
			:: else
			fi
		}
		t = 0; o = 0; x = 0; m = 0;
		run observer();
		for (t : 0 .. THREADS - 1) {
			run thread(t)
		}
	}
}
