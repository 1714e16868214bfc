/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The telemetry socket: it replies as DPDK's does, to its owner alone, and no client keeps it from the others. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_mempool.h>

#include "child.h"
#include "eal.h"
#include "log.h"
#include "locate_friend.h"
#include "request.h"
#include "server.h"
#include "own_socket.h"
#include "tide_telemetry.h"

static char reply[TIDEI_ANSWER_REPLY + 1];
static char path_of_parent[sizeof(((struct sockaddr_un *)0)->sun_path)];

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pause_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* Wait for the socket of this process. */
static const char *
socket_path(void)
{
	for (unsigned int i = 0; i < 500 && tide_telemetry_socket() == NULL; i++)
		pause_ms(10);
	return tide_telemetry_socket();
}

/* Open a connection; -1: errno says why there is none. */
static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Read one packet within ms into reply. Returns its bytes; 0: the server hung up; -1: it sent nothing. */
static int
receive(int fd, int ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	ssize_t len;

	if (poll(&wait, 1, ms) != 1)
		return -1;
	len = recv(fd, reply, sizeof(reply) - 1, 0);
	reply[len > 0 ? len : 0] = '\0';
	return len < 0 ? 0 : (int)len;
}

/* Threads of this process with a name. */
static unsigned int
threads_named(const char *name)
{
	char path[300], comm[32];
	unsigned int found = 0;
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fgets(comm, sizeof(comm), file) != NULL)
			found += strncmp(comm, name, strlen(name)) == 0;
		fclose(file);
	}
	closedir(dir);
	return found;
}

/* Connect and read the greeting; -1: the server hung up. */
static int
client(void)
{
	int fd = connect_to(tide_telemetry_socket());

	if (fd >= 0 && receive(fd, 5000) > 0)
		return fd;
	close(fd);
	return -1;
}

/* The same, once a place is free. */
static int
client_in_time(void)
{
	int fd = client();

	for (unsigned int i = 0; i < 300 && fd < 0; i++) {
		pause_ms(10);
		fd = client();
	}
	return fd;
}

static const char *
ask(int fd, const char *request)
{
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0 || receive(fd, 5000) <= 0)
		return "";
	return reply;
}

static void
replies_are_those_of_dpdk_telemetry(void **state)
{
	char expected[200];
	int fd = client();

	assert_true(fd >= 0);
	snprintf(expected, sizeof(expected), "\"pid\":%d,\"max_output_len\":16384}", getpid());
	assert_true(strncmp(reply, "{\"version\":\"DPDK ", 17) == 0);
	assert_non_null(strstr(reply, expected));
	assert_non_null(strstr(ask(fd, "/info"), expected));
	assert_true(strncmp(reply, "{\"/info\":{\"version\":\"DPDK ", 26) == 0);
	assert_true(strncmp(ask(fd, "/"), "{\"/\":[\"/\",\"/help\",\"/info\",", 26) == 0);
	assert_non_null(strstr(reply, "\"/tide/pools\""));
	assert_string_equal(ask(fd, "/help"),
		"{\"/help\":\"Returns help text for a command. Parameters: string command\"}");
	assert_string_equal(ask(fd, "/help,/tide/pools"),
		"{\"/help\":{\"/tide/pools\":\"Lists the mempools of this process. "
		"Takes no parameters\"}}");
	assert_string_equal(ask(fd, "/help,/absent"), "{\"/help\":null}");
	assert_string_equal(ask(fd, "/tide/pools"), "{\"/tide/pools\":[\"pool\"]}");
	assert_non_null(strstr(ask(fd, "/tide/pool,pool"), "\"free\":1000,"));
	assert_non_null(strstr(ask(fd, "/tide/owners,pool"), "{\"/tide/owners\":{\"error\":\""));
	assert_string_equal(ask(fd, "/tide/pool,"),
		"{\"/tide/pool\":{\"error\":\"name a mempool after a comma: "
		"/tide/pools lists them\"}}");
	assert_string_equal(ask(fd, "/tide/absent,x"), "{\"/tide/absent\":null}");
	assert_string_equal(ask(fd, "\"\n\xff"), "{\"\\\"\\u000a\\u00ff\":null}");
	assert_string_equal(ask(fd, ","), "{\"\":null}");
	close(fd);
}

static void
long_names_get_short_replies(void **state)
{
	static char request[8000];
	int fd = client();

	assert_true(fd >= 0);
	for (size_t len = 900; len < sizeof(request); len += 71) {
		memset(request, '\x01', len);
		request[len] = '\0';
		memcpy(request, "/tide/pool,", 11);
		assert_non_null(strstr(ask(fd, request), "no mempool is called \\u0001"));
		memcpy(request, "\x01/tide/pool", 11);
		assert_non_null(strstr(ask(fd, request), "\":null}"));
		assert_true(strlen(reply) < 200);
	}
	close(fd);
}

static void
the_file_is_for_the_owner_alone(void **state)
{
	struct stat st;

	assert_int_equal(stat(tide_telemetry_socket(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Connect as another user. The path is relative, because the directories above let no one else through. */
static void
other_user(bool to_open_file)
{
	int status;
	pid_t pid;

	/* A child does not have the socket. */
	strcpy(path_of_parent, socket_path());
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd;

		*strrchr(path_of_parent, '/') = '\0';
		EXPECT(chdir(path_of_parent) == 0);
		EXPECT(setgid(65534) == 0 && setuid(65534) == 0);
		fd = connect_to(path_of_parent + strlen(path_of_parent) + 1);
		EXPECT(to_open_file ? fd >= 0 && receive(fd, 5000) == 0
				    : fd < 0 && errno == EACCES);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The directory lets the other user through, so that the mode of the file counts, and then the check of the server. */
static void
another_user_is_refused(void **state)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat st;

	if (geteuid() != 0) {
		print_message("skipped: needs root (another user)\n");
		skip();
	}
	snprintf(directory, sizeof(directory), "%s", rte_eal_get_runtime_dir());
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(chmod(directory, 0711), 0);
	other_user(false);
	assert_int_equal(chmod(socket_path(), 0666), 0);
	other_user(true);
	assert_int_equal(chmod(socket_path(), 0600), 0);
	assert_int_equal(chmod(directory, st.st_mode & 07777), 0);
}

/* It sends until the kernel takes no more, and reads nothing. */
static void
a_client_that_never_reads_is_disconnected_and_delays_no_other(void **state)
{
	int lazy = client(), fd = client();
	struct pollfd end = {.fd = lazy, .events = 0};
	unsigned int sent = 0;
	int64_t begin = now_ms();

	assert_true(lazy >= 0 && fd >= 0);
	while (sent < 100000 && send(lazy, "/tide/pool,pool", 15, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		sent++;
	assert_true(sent > 5);
	for (unsigned int i = 0; i < 100; i++) {
		assert_non_null(strstr(ask(fd, "/tide/pools"), "pool"));
		while (send(lazy, "/tide/pool,pool", 15, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
	}
	assert_true(now_ms() - begin < 5000);
	assert_int_equal(poll(&end, 1, 5000), 1);
	assert_true((end.revents & POLLHUP) != 0);
	close(lazy);
	close(fd);
}

static void
clients_that_hang_up_do_no_harm(void **state)
{
	static const char *const requests[] = {
		"/tide/pools", "/tide/pool,pool", "/tide/scan,pool", "/"};
	int fd;

	for (unsigned int i = 0; i < 400; i++) {
		fd = connect_to(socket_path());
		if (fd < 0)
			continue;
		send(fd, requests[i % 4], strlen(requests[i % 4]), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (i % 3 == 0)
			receive(fd, 1000);
		if (i % 3 == 1)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	fd = client_in_time();
	assert_non_null(strstr(ask(fd, "/tide/pools"), "pool"));
	/* The scan of a client that is gone ends too. */
	for (unsigned int i = 0; i < 300 && strstr(ask(fd, "/tide/scan,absent"), "another"); i++)
		pause_ms(10);
	assert_non_null(strstr(reply, "no mempool has this name"));
	close(fd);
}

static void
more_clients_than_places_are_disconnected_at_once(void **state)
{
	int fds[2 * TIDEI_SERVER_CLIENTS], served = 0;

	pause_ms(300);
	for (unsigned int i = 0; i < 2 * TIDEI_SERVER_CLIENTS; i++) {
		fds[i] = connect_to(socket_path());
		assert_true(fds[i] >= 0);
		served += receive(fds[i], 5000) > 0;
	}
	assert_int_equal(served, TIDEI_SERVER_CLIENTS);
	for (unsigned int i = 0; i < 2 * TIDEI_SERVER_CLIENTS; i++) {
		bool is_served = ask(fds[i], "/tide/pools")[0] != '\0';

		assert_true(is_served == (i < TIDEI_SERVER_CLIENTS));
		close(fds[i]);
	}
	fds[0] = client_in_time();
	assert_true(fds[0] >= 0);
	close(fds[0]);
}

static void
a_thousand_requests_take_less_than_a_second(void **state)
{
	int fd = client();
	int64_t begin = now_ms();

	for (unsigned int i = 0; i < 1000; i++)
		assert_non_null(strstr(ask(fd, "/tide/pool,pool"), "\"free\":1000"));
	assert_true(now_ms() - begin < 1000);
	close(fd);
}

/* Others are served meanwhile, and a second scan is refused until the first one has ended. */
static void
a_scan_makes_no_other_client_wait(void **state)
{
	int scanning = client(), fd = client(), third = client();
	struct pollfd scanned = {.fd = scanning, .events = POLLIN};
	unsigned int meanwhile = 0;

	assert_true(scanning >= 0 && fd >= 0 && third >= 0);
	assert_true(send(scanning, "/tide/scan,pool", 15, 0) > 0);
	/* The same client's next request waits for its turn. */
	assert_true(send(scanning, "/tide/pools", 11, 0) > 0);
	for (; poll(&scanned, 1, 0) == 0; meanwhile++)
		assert_non_null(strstr(ask(fd, "/tide/pools"), "pool"));
	assert_true(meanwhile > 100);
	assert_true(receive(scanning, 5000) > 0);
	assert_non_null(strstr(reply, "{\"/tide/scan\":{\"size\":1000,"));
	assert_true(receive(scanning, 5000) > 0);
	assert_non_null(strstr(reply, "{\"/tide/pools\":"));

	assert_true(send(scanning, "/tide/scan,pool", 15, 0) > 0);
	pause_ms(50);
	assert_non_null(strstr(ask(third, "/tide/scan,pool"),
		"{\"/tide/scan\":{\"error\":\"another report is being made"));
	/* The client of a scan can leave. */
	close(scanning);
	for (unsigned int i = 0; i < 200 && strstr(ask(third, "/tide/scan,pool"), "another"); i++)
		pause_ms(50);
	assert_non_null(strstr(reply, "\"outstanding\":0"));
	close(third);
	close(fd);
}

/* fork(2), and a process made without the handlers of the C library, which knows nothing of the fork. */
static pid_t
new_process(bool unnoticed)
{
	return unnoticed ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();
}

static void
the_exit_of_a_child_leaves_the_socket_alone(void **state)
{
	int fd = client(), status;
	pid_t pid;

	assert_true(fd >= 0);
	for (unsigned int unnoticed = 0; unnoticed < 2; unnoticed++) {
		pid = new_process(unnoticed == 1);
		assert_true(pid >= 0);
		if (pid == 0) {
			if (unnoticed == 0 && tide_telemetry_socket() != NULL)
				_exit(1);
			tide_telemetry_close();
			exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_non_null(strstr(ask(fd, "/tide/pools"), "pool"));
		assert_int_equal(access(tide_telemetry_socket(), F_OK), 0);
	}
	close(fd);
}

/* The last case of the process: there is no way to open the socket again. A child process keeps no connection open. */
static void
closing_ends_the_thread_and_removes_the_file(void **state)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd = client();
	pid_t pid;

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "%s", tide_telemetry_socket());
	assert_int_equal(threads_named("tide-telemetry"), 1);
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	tide_telemetry_close();
	assert_int_equal(threads_named("tide-telemetry"), 0);
	assert_null(tide_telemetry_socket());
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(receive(fd, 5000), 0);
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tide_telemetry_close();
}

static void
start_with(const char *variable)
{
	setenv(TIDE_SOCKET_ENV, variable, 1);
	test_eal_start(false, 32, "0");
}

static void
zero(void)
{
	start_with("0");
	pause_ms(500);
	EXPECT(tide_telemetry_socket() == NULL);
	EXPECT(threads_named("tide-telemetry") == 0);
	exit(0);
}

static void
the_variable_requests_no_socket(void **state)
{
	test_in_child(zero);
}

static void *
ask_for_ever(void *arg)
{
	int fd = client();

	/* The server hangs up some time after the end of EAL. */
	while (ask(fd, "/tide/pool,pool")[0] != '\0' && ask(fd, "/tide/pools")[0] != '\0')
		(*(unsigned int *)arg)++;
	return NULL;
}

static void
end_of_eal(void)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char command[150];
	unsigned int asked = 0;
	pthread_t asking;

	start_with("1");
	EXPECT(socket_path() != NULL);
	snprintf(path, sizeof(path), "%s", tide_telemetry_socket());
	EXPECT(rte_mempool_create("pool", 1000, 64, 0, 0, NULL, NULL, NULL, NULL, -1, 0) != NULL);
	EXPECT(pthread_create(&asking, NULL, ask_for_ever, &asked) == 0);
	pause_ms(50);
	rte_eal_cleanup();
	EXPECT(pthread_join(asking, NULL) == 0);
	EXPECT(asked > 10);
	for (unsigned int i = 0; i < 200 && access(path, F_OK) == 0; i++)
		pause_ms(10);
	EXPECT(access(path, F_OK) != 0 && tide_telemetry_socket() == NULL);
	*strrchr(path, '/') = '\0';
	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	_exit(system(command) != 0);
}

static void
the_end_of_eal_ends_the_server_and_crashes_nothing(void **state)
{
	for (unsigned int i = 0; i < 3; i++)
		test_in_child(end_of_eal);
}

static bool
tick_a_while(void)
{
	static unsigned int ticks;

	return ++ticks < 6;
}

/* A program that becomes a daemon may close descriptors that it does not know. */
static void
a_server_whose_descriptors_were_closed_ends(void **state)
{
	static struct tidei_server server;
	int64_t begin = now_ms();

	assert_int_equal(tidei_server_init(&server), 0);
	close(server.wake);
	assert_false(tidei_server_sleep(&server, 1));
	tidei_server_run(&server, tick_a_while);
	assert_true(now_ms() - begin < 4 * TIDEI_SERVER_TICK_MS);
	assert_int_equal(server.wake, -1);
}

/* No stack is as large as this. */
static void
ask_without_threads(void)
{
	pthread_attr_t attr;

	start_with("1");
	EXPECT(socket_path() != NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, (size_t)1 << 50);
	EXPECT(pthread_setattr_default_np(&attr) == 0);
	EXPECT(strstr(ask(client(), "/tide/scan,absent"),
		"{\"/tide/scan\":{\"error\":\"there is no thread to make the report"));
	exit(0);
}

static void
a_scan_without_a_thread_is_refused_with_the_reason(void **state)
{
	test_in_child(ask_without_threads);
}

/* The thread logs while the test waits, so the log is read when it is quiet. */
static void
long_directory(void)
{
	static char prefix[120], directory[PATH_MAX];
	static char *argv[] = {"test", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
		"--log-level=lib.eal:error", "-m", "32", "-l", "0", "--file-prefix", prefix, NULL};

	setenv(TIDE_SOCKET_ENV, "1", 1);
	memset(prefix, 'x', sizeof(prefix) - 1);
	test_log_catch();
	EXPECT(rte_eal_init(RTE_DIM(argv) - 1, argv) >= 0);
	pause_ms(500);
	rte_eal_cleanup();
	EXPECT(strstr(test_log_caught(),
		       ": File name too long; give a shorter --file-prefix or XDG_RUNTIME_DIR") !=
		NULL);
	EXPECT(tide_telemetry_socket() == NULL);
	snprintf(directory, sizeof(directory), "%s", rte_eal_get_runtime_dir());
	EXPECT(rmdir(directory) == 0);
	_exit(0);
}

static void
a_directory_with_a_long_path_is_named_with_the_remedy(void **state)
{
	test_in_child(long_directory);
}

static int64_t
cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* The server cannot accept a client, and must neither spin nor forget the others. */
static void
no_descriptor_is_left(void)
{
	struct rlimit limit;
	int first, second, spare;
	int64_t begin;

	spare = open("/dev/null", O_RDONLY);
	start_with("1");
	EXPECT(socket_path() != NULL);
	first = client();
	/* With the next number as the limit this process has one more descriptor, and the server none. */
	limit.rlim_cur = (rlim_t)open("/dev/null", O_RDONLY) + 1;
	limit.rlim_max = limit.rlim_cur;
	EXPECT(first >= 0 && close((int)limit.rlim_cur - 1) == 0);
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	second = connect_to(tide_telemetry_socket());
	EXPECT(second >= 0);
	begin = cpu_ms();
	EXPECT(receive(second, 1200) == -1);
	EXPECT(cpu_ms() - begin < 300);
	EXPECT(strstr(ask(first, "/tide/pools"), "[]") != NULL);
	close(spare);
	EXPECT(receive(second, 5000) > 0);
	/* A sandbox: poll(2) fails. */
	limit.rlim_cur = 0;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	begin = cpu_ms();
	pause_ms(1000);
	EXPECT(cpu_ms() - begin < 300);
	limit.rlim_cur = limit.rlim_max;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT(strstr(ask(first, "/tide/pools"), "[]") != NULL);
	exit(0);
}

static void
a_process_without_descriptors_serves_its_clients_and_does_not_spin(void **state)
{
	test_in_child(no_descriptor_is_left);
}

static _Atomic bool is_walking;

static void
walk_slowly(struct rte_mempool *mp, void *arg)
{
	is_walking = true;
	pause_ms(300);
}

static void *
walk(void *arg)
{
	tidei_mempools_walk(walk_slowly, NULL);
	return NULL;
}

/* Without shared memory a child process has a copy of EAL's locks, as they were. */
static void
fork_in_a_reply(void)
{
	pthread_t thread;
	int status;
	pid_t pid;

	start_with("0");
	EXPECT(rte_mempool_create_empty("pool", 1, 64, 0, 0, -1, 0) != NULL);
	EXPECT(pthread_create(&thread, NULL, walk, NULL) == 0);
	while (!is_walking)
		pause_ms(1);
	pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0) {
		/* It ends a child that waits for a lock for ever. */
		alarm(5);
		EXPECT(rte_mempool_create_empty("own", 1, 64, 0, 0, -1, 0) != NULL);
		tidei_mempools_walk(walk_slowly, NULL);
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	exit(0);
}

static void
a_child_process_of_a_parent_that_replies_finds_no_lock_taken(void **state)
{
	test_in_child(fork_in_a_reply);
}

static unsigned int exit_after_us;

/* It runs after the handlers of EAL, the library and the test. */
static void
expect_no_directory(void)
{
	EXPECT(access(rte_eal_get_runtime_dir(), F_OK) != 0);
}

static void
early_exit(void)
{
	atexit(expect_no_directory);
	start_with("1");
	usleep(exit_after_us);
	exit(0);
}

static void
a_process_that_ends_early_leaves_no_file(void **state)
{
	for (exit_after_us = 0; exit_after_us < 20000; exit_after_us += 2000)
		test_in_child(early_exit);
}

static void *
listen_later(void *arg)
{
	pause_ms(100);
	listen(*(int *)arg, 1);
	return NULL;
}

/* Another copy of the library in this process, which is just between bind(2) and listen(2). */
static void
a_socket_of_this_process_that_does_not_listen_yet_is_no_leftover(void **state)
{
	char directory[] = "/tmp/tide_socket_XXXXXX";
	struct sockaddr_un address = {.sun_family = AF_UNIX}, own;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	pthread_t thread;

	assert_non_null(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/tide_telemetry.%d", directory,
		getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pthread_create(&thread, NULL, listen_later, &fd), 0);
	assert_int_equal(tidei_socket_listen(directory, &own), -EALREADY);
	pthread_join(thread, NULL);
	close(fd);
	unlink(address.sun_path);
	assert_int_equal(rmdir(directory), 0);
}

static void
leftovers_are_removed_and_nothing_else(void **state)
{
	char directory[] = "/tmp/tide_socket_XXXXXX";
	static const char *const names[] = {
		"tide_telemetry.1", "tide_telemetry.2:1", "tide_telemetry.3", "mp_socket"};
	const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct sockaddr_un address = {.sun_family = AF_UNIX}, own, second;
	int listening, fd;
	char path[200];

	assert_non_null(mkdtemp(directory));
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, names[i]);
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
		close(fd);
		/* The third one is so new that its process may not listen yet. */
		if (i != 2)
			utimensat(AT_FDCWD, address.sun_path, long_ago, 0);
	}
	listening = tidei_socket_listen(directory, &own);
	assert_true(listening >= 0);
	utimensat(AT_FDCWD, own.sun_path, long_ago, 0);
	tidei_socket_clean(directory);
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		assert_int_equal(access(path, F_OK), i < 2 ? -1 : 0);
		unlink(path);
	}
	/* A second copy of the library in this process. */
	assert_int_equal(tidei_socket_listen(directory, &second), -EALREADY);
	close(listening);
	/* A process that had the same id, and died long ago. */
	listening = tidei_socket_listen(directory, &second);
	assert_true(listening >= 0);
	assert_string_equal(own.sun_path, second.sun_path);
	unlink(second.sun_path);
	close(listening);
	tidei_socket_clean("/tmp/absent");
	assert_int_equal(tidei_socket_listen("/tmp/absent", &own), -ENOENT);
	/* EAL has no run-time directory; this is not the root directory. */
	assert_int_equal(tidei_socket_listen("", &own), -ENOENT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(tidei_socket_listen(path, &own), -ENAMETOOLONG);
	assert_int_equal(rmdir(directory), 0);
}

/* connect(2) refuses other files with the same error as a leftover. */
static void
other_files_stay_whatever_their_name(void **state)
{
	char directory[] = "/tmp/tide_socket_XXXXXX", own_name[32];
	const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	const char *names[] = {"tide_telemetry.log", own_name, "tide_telemetry.link"};
	struct sockaddr_un own;
	int listening, place;
	struct stat st;

	snprintf(own_name, sizeof(own_name), "tide_telemetry.%d", getpid());
	assert_non_null(mkdtemp(directory));
	place = open(directory, O_RDONLY | O_DIRECTORY);
	assert_true(place >= 0);
	assert_int_equal(mknodat(place, names[0], S_IFREG | 0600, 0), 0);
	assert_int_equal(mkdirat(place, names[1], 0700), 0);
	assert_int_equal(symlinkat(names[0], place, names[2]), 0);
	for (unsigned int i = 0; i < 3; i++)
		utimensat(place, names[i], long_ago, AT_SYMLINK_NOFOLLOW);
	tidei_socket_clean(directory);
	/* The name is taken, so the socket has another one. */
	listening = tidei_socket_listen(directory, &own);
	assert_true(listening >= 0);
	assert_non_null(strstr(own.sun_path, ":1"));
	close(listening);
	unlink(own.sun_path);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(fstatat(place, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		unlinkat(place, names[i], S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	close(place);
	assert_int_equal(rmdir(directory), 0);
}

/* The clock of the machine was set back since. */
static void
a_leftover_of_the_future_is_a_leftover(void **state)
{
	char directory[] = "/tmp/tide_socket_XXXXXX";
	const struct timespec later[2] = {{.tv_sec = time(NULL) + 10}, {.tv_sec = time(NULL) + 10}};
	struct sockaddr_un address = {.sun_family = AF_UNIX}, own;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	int64_t begin;

	assert_non_null(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/tide_telemetry.%d", directory,
		getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	utimensat(AT_FDCWD, address.sun_path, later, 0);
	begin = now_ms();
	fd = tidei_socket_listen(directory, &own);
	assert_true(fd >= 0);
	assert_true(now_ms() - begin < 3000);
	close(fd);
	assert_int_equal(unlink(own.sun_path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static int
start_server(void **state)
{
	setenv(TIDE_SOCKET_ENV, "1", 1);
	test_eal_start(false, 64, "0");
	return rte_mempool_create("pool", 1000, 64, 0, 0, NULL, NULL, NULL, NULL, -1, 0) == NULL ||
	       socket_path() == NULL;
}

int
main(void)
{
	const struct CMUnitTest children[] = {
		cmocka_unit_test(leftovers_are_removed_and_nothing_else),
		cmocka_unit_test(a_socket_of_this_process_that_does_not_listen_yet_is_no_leftover),
		cmocka_unit_test(the_variable_requests_no_socket),
		cmocka_unit_test(the_end_of_eal_ends_the_server_and_crashes_nothing),
		cmocka_unit_test(a_server_whose_descriptors_were_closed_ends),
		cmocka_unit_test(a_child_process_of_a_parent_that_replies_finds_no_lock_taken),
		cmocka_unit_test(a_directory_with_a_long_path_is_named_with_the_remedy),
		cmocka_unit_test(
			a_process_without_descriptors_serves_its_clients_and_does_not_spin),
		cmocka_unit_test(a_scan_without_a_thread_is_refused_with_the_reason),
		cmocka_unit_test(a_process_that_ends_early_leaves_no_file),
		cmocka_unit_test(other_files_stay_whatever_their_name),
		cmocka_unit_test(a_leftover_of_the_future_is_a_leftover),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_those_of_dpdk_telemetry),
		cmocka_unit_test(long_names_get_short_replies),
		cmocka_unit_test(the_file_is_for_the_owner_alone),
		cmocka_unit_test(another_user_is_refused),
		cmocka_unit_test(a_client_that_never_reads_is_disconnected_and_delays_no_other),
		cmocka_unit_test(clients_that_hang_up_do_no_harm),
		cmocka_unit_test(more_clients_than_places_are_disconnected_at_once),
		cmocka_unit_test(a_thousand_requests_take_less_than_a_second),
		cmocka_unit_test(a_scan_makes_no_other_client_wait),
		cmocka_unit_test(the_exit_of_a_child_leaves_the_socket_alone),
		cmocka_unit_test(closing_ends_the_thread_and_removes_the_file),
	};
	int failed =
		cmocka_run_group_tests_name("telemetry_socket, processes", children, NULL, NULL);

	return failed + cmocka_run_group_tests_name("telemetry_socket", tests, start_server, NULL);
}
