package idle

import (
	"testing"
)

func TestAtItsDeadlineAMachineIsKeptOrStopped(t *testing.T) {
	given := map[string]float64{"m": -10}
	keep := with(func(w *Watch) { w.Deadline = s(30) })
	stop := with(func(w *Watch) { w.Deadline, w.Stop = s(30), true })
	tables(t, map[string]watch{
		"kept at its deadline": {keep, given, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{19, m(), known(2), 0, "m", "", 20},
			{20, m(), known(2), 0, "m", "m keep", 0},
		}},
		"stopped at its deadline": {stop, given, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{19, m(), known(3), 0, "m", "m 3 connections", 20},
			{20, m(), known(1), 0, "m", "m 1 connection, m stop", 0},
		}},
		"its deadline comes while nobody knows": {stop, given, []poll{
			{19, m(), says(unknown), 0, "m", "m unknown: no cat", 20},
			{20, m(thin), nil, 0, "", "m unknown: its row on the list is incomplete, host ok, m stop", 0},
		}},
		"at its deadline one with few connections is looked at once more": {keep, given, []poll{
			{19, m(), known(1), 0, "m", "m 1 connection", 20},
			{20, m(), known(0), 0, "m", "m 0 connections", 22},
			{22, m(), known(0), 0, "m", "m idle", 0},
		}},
		"and is kept if that is too many": {keep, given, []poll{
			{20, m(), known(0), 0, "m", "m 0 connections", 22},
			{22, m(), known(1), 0, "m", "m 1 connection keep", 0},
		}},
		"at its deadline one with few connections is not stopped before it is looked at once more": {stop, given, []poll{
			{20, m(), known(0), 0, "m", "m 0 connections", 22},
			{22, m(), known(1), 0, "m", "m 1 connection, m stop", 0},
		}},
		"idle at its deadline": {stop, given, []poll{
			{18, m(), known(0), 0, "m", "m 0 connections", 20},
			{20, m(), known(0), 0, "m", "m idle", 0},
		}},
		"its deadline comes before the next look": {keep, given, []poll{
			{19, m(), known(0), 0, "m", "m 0 connections", 20},
		}},
		"its deadline counts from when it was first seen cordoned": {keep, nil, []poll{
			{7, m(), known(2), 0, "m", "m 2 connections", 12},
			{36.9, m(), known(2), 0, "m", "", 37},
			{37, m(), known(2), 0, "m", "m keep", 0},
		}},
		"its deadline counts from the end of the bake time": {with(func(w *Watch) { w.Deadline, w.From = s(30), t0 }), map[string]float64{"m": -3600}, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{29, m(), known(2), 0, "m", "", 30},
			{30, m(), known(2), 0, "m", "m keep", 0},
		}},
		"a deadline that has passed at the first look": {with(func(w *Watch) { w.Deadline = 1 }), nil, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 0.000000001},
			{1, m(), known(1), 0, "m", "m 1 connection keep", 0},
		}},
		"no deadline": {with(func(w *Watch) { w.Stop = true }), given, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{3600, m(), known(2), 0, "m", "", 3610},
		}},
		"its host was lost before this run": {stop, nil, []poll{
			{0, m(thin, host("unreachable")), nil, 0, "", "m unknown: its row on the list is incomplete, host unreachable", 5},
			{29, m(thin, host("unreachable")), nil, 0, "", "", 30},
			{30, m(thin, host("unreachable")), nil, 0, "", "m stop", 0},
		}},
		"and is reached again: it is watched, and its deadline stands": {stop, nil, []poll{
			{0, m(thin, host("unreachable")), nil, 0, "", "m unknown: its row on the list is incomplete, host unreachable", 5},
			{15, m(), known(0), 0, "m", "m 0 connections", 25},
			{25, m(), known(2), 0, "m", "m 2 connections", 30},
			{30, m(), known(2), 0, "m", "m stop", 0},
		}},
		"its host was lost, and its row shows no cordon": {stop, nil, []poll{
			{0, m(thin, open, host("unreachable")), nil, 0, "", "m unknown: its row on the list is incomplete, host unreachable", 5},
			{3600, m(thin, open, host("unreachable")), nil, 0, "", "", 3610},
		}},
		"no deadline while no list has shown a cordon": {keep, nil, []poll{
			{0, m(thin), nil, 0, "", "m unknown: its row on the list is incomplete, host ok", 5},
			{3600, m(thin), nil, 0, "", "", 3610},
		}},
	})
}
