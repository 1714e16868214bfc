/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_ANSWER_H
#define TELEMETRY_ANSWER_H

/*
 * The answer of an endpoint, which is written once and leaves as DPDK's telemetry data or as JSON.
 *
 * An answer is a dictionary or an array of strings. A dictionary has strings, whole numbers and further
 * dictionaries, which have no others inside: DPDK's telemetry has no more. Names are letters, digits and '_'.
 *
 * Both forms have the limits of DPDK's telemetry: TIDEI_ANSWER_ROOM bytes, RTE_TEL_MAX_DICT_ENTRIES members of a
 * dictionary, RTE_TEL_MAX_ARRAY_ENTRIES strings of an array. A member that does not fit is left out as a whole,
 * and the member "left_out" of the answer has the number of these; an array cannot say so. A string that is too long
 * for DPDK continues in the members NAME_2, NAME_3 and so on; an array has its first part alone.
 *
 * An answer belongs to one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_telemetry.h>

/* Bytes of the longest reply of DPDK's telemetry: {"COMMAND":ANSWER}. */
#define TIDEI_ANSWER_REPLY 16384

/* Bytes that are left for an answer next to the longest command. */
#define TIDEI_ANSWER_ROOM (TIDEI_ANSWER_REPLY - 128)

struct tidei_answer;

/* A form of answers. Everything that it is asked to write has a place. */
struct tidei_answer_writer {
	/* Begin with an empty dictionary or array, as in_array says; drop what was there. */
	void (*start)(struct tidei_answer *answer);
	/* text has less than RTE_TEL_MAX_STRING_LEN bytes. name is NULL in an array. */
	void (*string)(struct tidei_answer *answer, const char *name, const char *text);
	/* The number is magnitude, or -magnitude. */
	void (*number)(
		struct tidei_answer *answer, const char *name, uint64_t magnitude, bool negative);
	/* Open the dictionary that nested_name names. false: out of memory. */
	bool (*open)(struct tidei_answer *answer);
	/* Close it; whole: it becomes a member. */
	void (*close)(struct tidei_answer *answer, bool whole);
	/* Finish the answer. */
	void (*end)(struct tidei_answer *answer);
};

struct tidei_answer {
	const struct tidei_answer_writer *writer;
	bool in_array;
	bool nested; /* A nested dictionary is open. */
	bool cut; /* Something of it did not fit. */
	char nested_name[32];
	size_t room; /* Bytes of JSON that the answer can still take. */
	size_t room_outside; /* The same without the nested dictionary. */
	unsigned int members; /* Of the outermost dictionary or array. */
	unsigned int nested_members;
	unsigned int members_outside;
	unsigned int left_out;
	/* DPDK's telemetry data. */
	struct rte_tel_data *data, *nested_data;
	/* JSON. */
	char *text;
	size_t len; /* Bytes of text, without its NUL. */
	size_t len_outside; /* The same without the nested dictionary. */
};

/* Let an answer become DPDK's telemetry data. */
void tidei_answer_to_data(struct tidei_answer *answer, struct rte_tel_data *data);

/* Let an answer become JSON in text, which has TIDEI_ANSWER_ROOM + 1 bytes; answer->len is its length at the end. */
void tidei_answer_to_json(struct tidei_answer *answer, char *text);

/* Start an answer that is a dictionary, or an array of strings. */
void tidei_answer_start(struct tidei_answer *answer);
void tidei_answer_start_array(struct tidei_answer *answer);

/* Add a string; name is NULL in an array. */
void tidei_answer_string(struct tidei_answer *answer, const char *name, const char *text);

/* Add a whole number. */
void tidei_answer_unsigned(struct tidei_answer *answer, const char *name, uint64_t value);
void tidei_answer_signed(struct tidei_answer *answer, const char *name, int64_t value);

/* Open a nested dictionary, to which all further members belong, and close it. */
void tidei_answer_open(struct tidei_answer *answer, const char *name);
void tidei_answer_close(struct tidei_answer *answer);

/*
 * The same for entry i of a list, and a string that is one. DPDK's telemetry has no array of dictionaries, so each entry is a
 * member with its number in the name: "what_0", "what_1".
 */
void tidei_answer_open_entry(struct tidei_answer *answer, const char *what, unsigned int i);
void tidei_answer_string_entry(
	struct tidei_answer *answer, const char *what, unsigned int i, const char *text);

/* Answer, instead of tidei_answer_start(), with one member, "error": a sentence that says what to do. */
void tidei_answer_refuse(struct tidei_answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Finish an answer; the function that called the endpoint does this. */
void tidei_answer_end(struct tidei_answer *answer);

#endif /* TELEMETRY_ANSWER_H */
