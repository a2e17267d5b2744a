// SPDX-License-Identifier: GPL-2.0-or-later
/* The page of sysgate serve: reads /snapshot once and then /stream, and asks for nothing else. */
'use strict';

const KEPT = 120; // intervals that the map looks back
const FIRST = 7, LAST = 34; // the map's octaves: 2^7 ns (128 ns) to 2^34 ns (17 s)
const ROWS = 2 * (LAST - FIRST); // half octaves
const FLIGHT_ROWS = 100;

const $ = (id) => document.getElementById(id);
const state = {
	totals: new Map(), // by call: what was counted since the start
	now: new Map(), // by call: what the last interval brought
	history: [], // of intervals: {when, cells: Map of call to counts by half octave}
	losses: {},
	last: null, // the last delta
	chosen: null, // the call that the map shows; null: all
	sort: 'rate',
	back: -1, // intervals that the map's cursor looks back; -1: none
	paused: false,
};

/* ---- figures ---- */

function time(ns) {
	if (ns === null || ns === undefined)
		return '–';
	for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
		if (ns >= size)
			return `${(ns / size).toPrecision(3)} ${unit}`;
	return `${Math.round(ns)} ns`;
}

function age(ns, atLeast) {
	const s = ns / 1e9;
	const text = s < 60 ? time(ns) : s < 3600 ? `${(s / 60).toFixed(1)} min` : `${(s / 3600).toFixed(1)} h`;
	return atLeast ? `≥ ${text}` : text;
}

const count = (n) => Math.round(n).toLocaleString('en');
const rate = (n) => n === 0 ? '0' : n < 10 ? n.toFixed(1) : count(n);

/* ---- what comes in ---- */

/* All that tells one row from another. */
function keyOf(row) {
	const parts = [row.name, row.gate, row.abi, row.errno, row.exit, row.comm, row.pid, row.tid, row.uid, row.cgroup];
	return parts.filter((part) => part !== undefined).join(' ');
}

function nameOf(row) {
	const whose = [row.comm, row.pid, row.tid, row.uid, row.cgroup, row.errno, row.exit];
	return [row.name ?? row.gate ?? row.abi, ...whose].filter((part) => part !== undefined && part !== null).join(' ');
}

function halfOctave(ns) {
	const at = Math.floor(2 * (Math.log2(Math.max(ns, 1)) - FIRST) + 1e-9);
	return Math.min(Math.max(at, 0), ROWS - 1);
}

function add(counts, hist) {
	for (const [ns, n] of hist ?? [])
		counts[halfOctave(ns)] += n;
	return counts;
}

function start(snapshot) {
	state.totals.clear();
	for (const row of snapshot.calls)
		state.totals.set(keyOf(row), row.count);
	state.losses = {...snapshot.loss};
}

function take(delta) {
	const seconds = Math.max(delta.duration_ns / 1e9, 1e-3);
	const cells = new Map();
	const all = new Uint32Array(ROWS);

	state.now.clear();
	for (const row of delta.calls) {
		const key = keyOf(row);
		state.now.set(key, {...row, key, rate: row.count / seconds, errorRate: (row.errors ?? 0) / seconds});
		state.totals.set(key, (state.totals.get(key) ?? 0) + row.count);
		cells.set(key, add(new Uint32Array(ROWS), row.hist));
		add(all, row.hist);
	}
	cells.set(null, all);
	state.history.push({when: (delta.start_ns + delta.duration_ns) / 1e6, cells});
	if (state.history.length > KEPT)
		state.history.shift();
	for (const [kind, n] of Object.entries(delta.loss))
		state.losses[kind] = (state.losses[kind] ?? 0) + n;
	state.last = {...delta, seconds};
	if (!state.paused)
		show();
}

/* ---- tables ---- */

const COLUMNS = [
	{id: 'name', title: 'call', text: (r) => nameOf(r), value: (r) => nameOf(r), cls: 'name'},
	{id: 'gate', title: 'gate', text: (r) => r.gate ?? '', value: (r) => r.gate ?? '', cls: 'wide'},
	{id: 'abi', title: 'ABI', text: (r) => r.abi ?? '', value: (r) => r.abi ?? '', cls: 'wide'},
	{id: 'rate', title: 'per s', text: (r) => rate(r.rate), value: (r) => r.rate},
	{id: 'total', title: 'total', text: (r) => count(state.totals.get(r.key)), value: (r) => state.totals.get(r.key), cls: 'wide'},
	{id: 'errors', title: 'errors/s', text: (r) => rate(r.errorRate), value: (r) => r.errorRate, bad: (r) => r.errorRate > 0},
	{id: 'avg', title: 'mean', text: (r) => time(timed(r) && r.avg_ns), value: (r) => r.avg_ns ?? 0, cls: 'wide'},
	{id: 'p50', title: 'p50', text: (r) => time(timed(r) && r.p50_ns), value: (r) => r.p50_ns ?? 0, cls: 'wide'},
	{id: 'p99', title: 'p99', text: (r) => time(timed(r) && r.p99_ns), value: (r) => r.p99_ns ?? 0},
	{id: 'max', title: 'max', text: (r) => time(timed(r) && r.max_ns), value: (r) => r.max_ns ?? 0, cls: 'wide'},
];

/* true, or null where no call was timed */
function timed(row) {
	return row.min_ns === null || row.min_ns === undefined ? null : true;
}

/* Fills the table's rows with texts; what does not change is left alone. */
function fill(body, rows) {
	while (body.rows.length > rows.length)
		body.deleteRow(-1);
	rows.forEach((cells, i) => {
		const tr = body.rows[i] ?? body.insertRow();
		cells.forEach((cell, k) => {
			const td = tr.cells[k] ?? tr.insertCell();
			const text = typeof cell === 'object' ? cell.text : String(cell);
			const cls = typeof cell === 'object' ? cell.cls ?? '' : '';
			if (td.textContent !== text)
				td.textContent = text;
			if (td.className !== cls)
				td.className = cls;
		});
	});
}

function order(rows) {
	const column = COLUMNS.find((c) => c.id === state.sort);
	return rows.sort((a, b) => {
		const x = column.value(a), y = column.value(b);
		if (typeof x === 'string')
			return x.localeCompare(y) || b.rate - a.rate;
		return y - x || b.rate - a.rate || nameOf(a).localeCompare(nameOf(b));
	});
}

function wanted(text) {
	const filter = $('filter').value.trim();
	try {
		return filter === '' || new RegExp(filter, 'i').test(text);
	} catch {
		return text.includes(filter);
	}
}

function rowsShown() {
	return order([...state.now.values()].filter((r) => wanted(nameOf(r))));
}

function showCalls() {
	const rows = rowsShown();
	const body = $('table').tBodies[0];

	fill(body, rows.map((r) => COLUMNS.map((c) => ({
		text: c.text(r),
		cls: `${c.cls ?? ''}${c.bad?.(r) ? ' bad' : ''}`.trim(),
	}))));
	rows.forEach((r, i) => {
		body.rows[i].dataset.key = r.key;
		body.rows[i].setAttribute('aria-selected', String(r.key === state.chosen));
	});
	$('calls-count').textContent = `${rows.length} in the last ${state.last.seconds.toFixed(1)} s`;
}

function showGates() {
	const gates = new Map();
	let all = 0;

	for (const row of state.now.values()) {
		const key = `${row.gate ?? 'unknown'}\t${row.abi ?? ''}`;
		gates.set(key, (gates.get(key) ?? 0) + row.rate);
		all += row.rate;
	}
	const sorted = [...gates].sort((a, b) => b[1] - a[1]);
	const body = $('gates').querySelector('tbody');
	fill(body, sorted.map(([key, n]) => [...key.split('\t'), rate(n),
		{text: `${(100 * n / Math.max(all, 1e-9)).toFixed(1)} %`, cls: 'wide'}]));
}

function showFlight() {
	const list = state.last.in_flight.filter((f) => wanted(f.name));
	const body = $('flight').querySelector('tbody');

	fill(body, list.slice(0, FLIGHT_ROWS).map((f) => [
		f.name, age(f.age_ns, f.at_least), f.pid ? `${f.pid}/${f.tid}` : '–', {text: f.comm || '–', cls: 'wide'}]));
	$('flight-count').textContent = list.length > FLIGHT_ROWS ? `${FLIGHT_ROWS} oldest of ${list.length}` : `${list.length}`;
}

function showLosses() {
	const body = $('losses').querySelector('tbody');
	const rows = Object.keys(state.losses).map((kind) => {
		const cls = state.losses[kind] ? 'bad' : '';
		return [kind.replaceAll('_', ' '), {text: rate((state.last.loss[kind] ?? 0) / state.last.seconds), cls},
			{text: count(state.losses[kind]), cls}];
	});

	fill(body, rows);
	const notes = $('notes');
	if (notes.textContent !== state.last.notes.join(''))
		notes.replaceChildren(...state.last.notes.map((note) => {
			const item = document.createElement('li');
			item.textContent = note;
			return item;
		}));
}

function showSums() {
	const lost = Object.values(state.losses).reduce((a, b) => a + b, 0) + state.last.conservation.lost;
	let calls = 0, errors = 0;

	for (const row of state.now.values()) {
		calls += row.rate;
		errors += row.errorRate;
	}
	$('rate').textContent = rate(calls);
	$('errors').textContent = rate(errors);
	$('flying').textContent = count(state.last.in_flight.length);
	$('lost').textContent = count(lost);
	$('lost').className = lost ? 'bad' : '';
	$('conserved').textContent = state.last.conservation.holds ? 'yes' : 'no';
	$('conserved').className = state.last.conservation.holds ? '' : 'bad';
}

function show() {
	if (!state.last)
		return;
	showSums();
	showCalls();
	showGates();
	showFlight();
	showLosses();
	draw();
}

/* ---- the map of times ---- */

/* From few to many; reversed on a light ground, so that many is always what stands out. */
const RAMP = [[38, 32, 82], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function isDark() {
	const set = document.documentElement.dataset.theme;
	return set ? set === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function colour(part, dark) {
	const at = Math.min(Math.max(dark ? part : 1 - part, 0), 1) * (RAMP.length - 1);
	const i = Math.min(Math.floor(at), RAMP.length - 2);
	const mix = RAMP[i].map((c, k) => Math.round(c + (RAMP[i + 1][k] - c) * (at - i)));
	return `rgb(${mix.join(' ')})`;
}

const MARGIN = {left: 56, right: 8, top: 20, bottom: 20};

function canvasFor(canvas) {
	const box = canvas.getBoundingClientRect(), scale = devicePixelRatio || 1;
	const width = Math.round(box.width * scale), height = Math.round(box.height * scale);

	if (canvas.width !== width || canvas.height !== height) {
		canvas.width = width;
		canvas.height = height;
	}
	const c = canvas.getContext('2d');
	c.setTransform(scale, 0, 0, scale, 0, 0);
	c.clearRect(0, 0, box.width, box.height);
	return {c, width: box.width - MARGIN.left - MARGIN.right, height: box.height - MARGIN.top - MARGIN.bottom};
}

function drawAxes(c, width, height, style) {
	c.font = '11px system-ui, sans-serif';
	c.fillStyle = style.getPropertyValue('--dim');
	c.strokeStyle = style.getPropertyValue('--line');
	c.textBaseline = 'middle';
	c.textAlign = 'right';
	for (const [ns, text] of [[1e3, '1 µs'], [1e4, '10 µs'], [1e5, '100 µs'], [1e6, '1 ms'], [1e7, '10 ms'], [1e8, '100 ms'], [1e9, '1 s'], [1e10, '10 s']]) {
		const y = MARGIN.top + height * (1 - (Math.log2(ns) - FIRST) / (LAST - FIRST));
		c.fillText(text, MARGIN.left - 6, y);
		c.beginPath();
		c.moveTo(MARGIN.left, y);
		c.lineTo(MARGIN.left + width, y);
		c.stroke();
	}
	c.textBaseline = 'top';
	const span = KEPT * (state.last?.seconds ?? 1);
	for (const part of [0, 0.5, 1]) {
		c.textAlign = part === 0 ? 'left' : part === 1 ? 'right' : 'center';
		const text = part === 1 ? 'now' : `−${Math.round(span * (1 - part))} s`;
		c.fillText(text, MARGIN.left + width * part, MARGIN.top + height + 5);
	}
}

/* What the colours mean: few calls to many. */
function drawLegend(c, width, style, dark) {
	const steps = 10, size = 10, x = MARGIN.left + width - 34 - steps * size;

	c.fillStyle = style.getPropertyValue('--dim');
	c.textBaseline = 'middle';
	c.textAlign = 'right';
	c.fillText('few', x - 4, 7);
	c.fillText('many', MARGIN.left + width, 7);
	for (let i = 0; i < steps; i++) {
		c.fillStyle = colour(0.1 + 0.9 * i / (steps - 1), dark);
		c.fillRect(x + i * size, 2, size, 10);
	}
}

function draw() {
	const {c, width, height} = canvasFor($('heat'));
	const style = getComputedStyle(document.documentElement), dark = isDark();
	const columns = state.history.map((h) => h.cells.get(state.chosen));
	const most = columns.reduce((m, counts) => counts ? Math.max(m, ...counts) : m, 1);
	const dx = width / KEPT, dy = height / ROWS;

	drawAxes(c, width, height, style);
	drawLegend(c, width, style, dark);
	columns.forEach((counts, i) => {
		const edge = (n) => Math.round(MARGIN.left + width - n * dx);
		const x = edge(columns.length - i), wide = edge(columns.length - i - 1) - x;
		for (let row = 0; counts && row < ROWS; row++) {
			if (!counts[row])
				continue;
			c.fillStyle = colour(0.1 + 0.9 * Math.log1p(counts[row]) / Math.log1p(most), dark);
			c.fillRect(x, MARGIN.top + Math.round(height - (row + 1) * dy), wide, Math.ceil(dy));
		}
	});
	if (state.back >= 0) {
		c.strokeStyle = style.getPropertyValue('--accent');
		c.strokeRect(MARGIN.left + width - (state.back + 1) * dx, MARGIN.top, dx, height);
	}
	readMap();
}

/* A time that the fraction of the calls did not exceed: the half octave's upper end. */
function quantile(counts, q) {
	const all = counts.reduce((a, b) => a + b, 0);
	let sum = 0;

	for (let row = 0; row < ROWS; row++) {
		sum += counts[row];
		if (all && sum >= q * all)
			return 2 ** (FIRST + (row + 1) / 2);
	}
	return null;
}

/* The map in words: of the column under the cursor, or the last. */
function readMap() {
	const at = state.history.length - 1 - Math.max(state.back, 0);
	const one = state.history[at], counts = one?.cells.get(state.chosen);

	$('map-of').textContent = state.chosen ?? 'all calls';
	if (!one)
		return;
	const when = new Date(one.when).toLocaleTimeString();
	const all = counts ? counts.reduce((a, b) => a + b, 0) : 0;
	$('read').textContent = all ? `${when}: ${count(all)} calls, half under ${time(quantile(counts, 0.5))}, 99 % under ${time(quantile(counts, 0.99))}`
		: `${when}: none`;
}

/* ---- the keyboard, the pointer ---- */

function choose(key) {
	state.chosen = key;
	show();
	document.querySelector('#table tr[aria-selected="true"]')?.scrollIntoView({block: 'nearest'});
}

function move(step) {
	const keys = rowsShown().map((r) => r.key), at = keys.indexOf(state.chosen);

	if (keys.length)
		choose(keys[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : keys.length - 1) : at + step, 0), keys.length - 1)]);
}

function sortBy(id) {
	state.sort = id;
	for (const th of $('table').tHead.rows[0].cells) {
		th.removeAttribute('aria-sort');
		if (th.dataset.id === id)
			th.setAttribute('aria-sort', COLUMNS[0].id === id ? 'ascending' : 'descending');
	}
	show();
}

function moveSort(step) {
	const at = COLUMNS.findIndex((c) => c.id === state.sort);
	sortBy(COLUMNS[(at + step + COLUMNS.length) % COLUMNS.length].id);
}

function lookBack(back) {
	state.back = Math.min(Math.max(back, -1), state.history.length - 1);
	draw();
}

function pause() {
	state.paused = !state.paused;
	$('pause').setAttribute('aria-pressed', String(state.paused));
	$('pause').textContent = state.paused ? 'Go on' : 'Pause';
	if (!state.paused)
		show();
}

function changeTheme() {
	document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
	draw();
}

const TABLE_KEYS = {ArrowDown: () => move(1), ArrowUp: () => move(-1), Escape: () => choose(null), '<': () => moveSort(-1), '>': () => moveSort(1)};
const MAP_KEYS = {ArrowLeft: () => lookBack(state.back + 1), ArrowRight: () => lookBack(state.back - 1), Escape: () => lookBack(-1)};
const PAGE_KEYS = {'/': () => $('filter').focus(), ' ': pause, t: changeTheme};

function onKey(keys, filter = () => true) {
	return (event) => {
		const act = keys[event.key];
		if (!act || event.ctrlKey || event.altKey || event.metaKey || !filter(event))
			return;
		event.preventDefault();
		act();
	};
}

function setUp() {
	const head = $('table').tHead.rows[0];

	for (const column of COLUMNS) {
		const th = document.createElement('th'), button = document.createElement('button');
		button.textContent = column.title;
		button.addEventListener('click', () => sortBy(column.id));
		th.className = column.cls ?? '';
		th.dataset.id = column.id;
		th.append(button);
		head.append(th);
	}
	sortBy('rate');
	$('table').addEventListener('keydown', onKey(TABLE_KEYS));
	$('table').tBodies[0].addEventListener('click', (event) => {
		const key = event.target.closest('tr').dataset.key;
		choose(key === state.chosen ? null : key);
	});
	$('heat').addEventListener('keydown', onKey(MAP_KEYS));
	$('heat').addEventListener('pointermove', (event) => {
		const box = $('heat').getBoundingClientRect(), width = box.width - MARGIN.left - MARGIN.right;
		lookBack(Math.floor((box.right - MARGIN.right - event.clientX) / (width / KEPT)));
	});
	$('heat').addEventListener('pointerleave', () => lookBack(-1));
	addEventListener('keydown', onKey(PAGE_KEYS, (event) => !event.target.closest('input, button, textarea')));
	addEventListener('resize', draw);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
	$('pause').addEventListener('click', pause);
	$('theme').addEventListener('click', changeTheme);
	$('filter').addEventListener('input', show);
	$('settings').addEventListener('submit', (event) => event.preventDefault());
	$('token').addEventListener('change', connect);
	$('token').value = decodeURIComponent(location.hash.slice(1));
}

/* ---- the connection ---- */

let connection = new AbortController();

function say(kind, text) {
	$('state').dataset.state = kind;
	$('state').textContent = text;
}

async function get(path, signal) {
	const token = $('token').value.trim();
	const answer = await fetch(path, {signal, headers: token ? {Authorization: `Bearer ${token}`} : {}});

	if (answer.status === 401)
		throw new Error(token ? 'the token is not right' : 'a token is needed');
	if (!answer.ok)
		throw new Error(`${path}: ${answer.status}`);
	return answer;
}

function event(text) {
	const fields = text.split('\n').map((line) => line.split(': '));
	const data = fields.find(([name]) => name === 'data')?.slice(1).join(': ');

	if (data === undefined)
		return;
	if (fields.some(([name, value]) => name === 'event' && value === 'missed'))
		say('live', `live; too slow for ${data} intervals`);
	else
		take(JSON.parse(data));
}

async function follow(signal) {
	const plan = await (await get('/plan', signal)).json();
	$('where').textContent = `${plan.host}, ${plan.kernel}, engine ${plan.engine} (${plan.attach})`;
	start(await (await get('/snapshot', signal)).json());
	const reader = (await get('/stream', signal)).body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';

	say('live', 'live');
	for (;;) {
		const {value, done} = await reader.read();
		if (done)
			throw new Error('the stream ended');
		const parts = (rest + value).split('\n\n');
		rest = parts.pop();
		parts.forEach(event);
	}
}

async function connect() {
	connection.abort();
	connection = new AbortController();
	const {signal} = connection;

	while (!signal.aborted) {
		try {
			await follow(signal);
		} catch (error) {
			if (signal.aborted)
				return;
			say('gone', `${error.message}; trying again`);
		}
		await new Promise((go) => setTimeout(go, 2000));
	}
}

setUp();
connect();
