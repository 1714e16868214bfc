/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: the shapes that pictures are made of. */

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "svg_canvas.h"
#include "sys_json.h"

/* Mean width of a character in DejaVu Sans, the widest of the fonts that are asked for. */
#define EM_TEXT 0.62
#define EM_BOLD 0.69
#define EM_MONO 0.61

/* U+FFFE and U+FFFF are characters of UTF-8, but of no XML. */
static bool
is_forbidden(const char *text, size_t n)
{
	return n == 3 &&
	       (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0);
}

/* Text of XML has no control characters, and no bytes that are not UTF-8. */
static void
put_escaped(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t n = tidei_json_sequence((const unsigned char *)text);
		unsigned char c = (unsigned char)*text;

		if (is_forbidden(text, n))
			fputc('?', out);
		else if (n > 0)
			fwrite(text, 1, n, out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '&')
			fputs("&amp;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else
			fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
		text += n > 0 ? n : 1;
	}
}

void
svg_begin(FILE *out, double width, double height, const char *title)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%g\" "
		"height=\"%g\" "
		"viewBox=\"0 0 %g %g\">\n<title>",
		width, height, width, height);
	put_escaped(out, title);
	fprintf(out, "</title>\n");
	svg_rect(out, 0, 0, width, height, 0, SVG_GROUND, NULL, false);
}

void
svg_end(FILE *out)
{
	fprintf(out, "</svg>\n");
}

void
svg_rect(FILE *out, double x, double y, double w, double h, double round, const char *fill,
	const char *stroke, bool dashed)
{
	fprintf(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"%s\"", x, y, w, h,
		fill);
	if (round > 0)
		fprintf(out, " rx=\"%g\"", round);
	if (stroke != NULL)
		fprintf(out, " stroke=\"%s\" stroke-width=\"1.5\"", stroke);
	if (stroke != NULL && dashed)
		fprintf(out, " stroke-dasharray=\"4 3\"");
	fprintf(out, "/>\n");
}

void
svg_text(FILE *out, double x, double y, const struct svg_font *font, const char *fmt, ...)
{
	static const char *const anchors[] = {"start", "middle", "end"};
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(out, "<text x=\"%g\" y=\"%g\" font-size=\"%g\" fill=\"%s\" font-family=\"%s\"", x,
		y, font->size, font->fill,
		font->mono ? "DejaVu Sans Mono, Menlo, Consolas, monospace"
			   : "DejaVu Sans, Helvetica, Arial, sans-serif");
	if (font->bold)
		fprintf(out, " font-weight=\"bold\"");
	if (font->anchor != SVG_START)
		fprintf(out, " text-anchor=\"%s\"", anchors[font->anchor]);
	fputc('>', out);
	put_escaped(out, text);
	fprintf(out, "</text>\n");
}

void
svg_arrow(FILE *out, double x1, double y1, double x2, double y2, double width, const char *colour)
{
	double length = hypot(x2 - x1, y2 - y1), head = 4 + 3 * width;
	double dx = (x2 - x1) / length, dy = (y2 - y1) / length;
	double bx = x2 - dx * head, by = y2 - dy * head, half = head * 0.45;

	fprintf(out,
		"<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\" "
		"stroke-width=\"%g\"/>\n"
		"<polygon points=\"%g,%g %g,%g %g,%g\" fill=\"%s\"/>\n",
		x1, y1, bx, by, colour, width, x2, y2, bx - dy * half, by + dx * half,
		bx + dy * half, by - dx * half, colour);
}

void
svg_circle(FILE *out, double x, double y, double r, const char *fill, const char *stroke)
{
	fprintf(out,
		"<circle cx=\"%g\" cy=\"%g\" r=\"%g\" fill=\"%s\" stroke=\"%s\" "
		"stroke-width=\"1.5\"/>\n",
		x, y, r, fill, stroke);
}

static double
character_width(const struct svg_font *font)
{
	return font->size * (font->mono ? EM_MONO : font->bold ? EM_BOLD : EM_TEXT);
}

double
svg_width(const char *text, const struct svg_font *font)
{
	size_t n = 0;

	/* Bytes 80 to bf continue a character. */
	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return (double)n * character_width(font);
}

const char *
svg_clip(const char *text, const struct svg_font *font, double width, char *to, size_t size)
{
	size_t most = (size_t)(width / character_width(font)), n = 0, used = 0;

	if (svg_width(text, font) <= width && strlen(text) < size) {
		memcpy(to, text, strlen(text) + 1);
		return to;
	}
	/* Room for the ellipsis, which has three bytes. */
	while (text[used] != '\0' && used + 8 < size) {
		if (((unsigned char)text[used] & 0xc0) != 0x80 && ++n >= most)
			break;
		to[used] = text[used];
		used++;
	}
	memcpy(to + used, "\xe2\x80\xa6", 4);
	return to;
}
