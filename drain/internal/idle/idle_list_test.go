package idle

import (
	"testing"
)

func TestARowAloneEndsAWaitOrKeepsIt(t *testing.T) {
	given := map[string]float64{"m": -10}
	tables(t, map[string]watch{
		"destroyed": {rules, nil, []poll{
			{0, m(state("destroyed"), thin), nil, 0, "", "m gone", 0},
		}},
		"being destroyed": {rules, nil, []poll{
			{0, m(state("destroying")), nil, 0, "", "m gone", 0},
		}},
		"not managed": {rules, map[string]float64{"m": 0}, []poll{
			{0, m(unmanaged), nil, 0, "", "m refused", 0},
		}},
		"never cordoned": {rules, nil, []poll{
			{0, m(open), nil, 0, "", "m refused", 0},
		}},
		"shown uncordoned on two lists after this run's cordon": {rules, map[string]float64{"m": 0}, []poll{
			{1, m(open), nil, 0, "", "", 2},
			{2, m(open), nil, 0, "", "", 3},
			{3, m(), known(0), 0, "m", "m 0 connections", 13},
			{13, m(), known(0), 0, "m", "", 15},
			{15, m(), known(0), 0, "m", "m idle", 0},
		}},
		"taken back after this run's cordon": {rules, map[string]float64{"m": 0}, []poll{
			{1, m(open), nil, 0, "", "", 2},
			{2, m(open), nil, 0, "", "", 3},
			{3, m(open), nil, 0, "", "m taken back", 0},
		}},
		"taken back after a list had shown it cordoned": {rules, nil, []poll{
			{0, m(), known(1), 0, "m", "m 1 connection", 5},
			{5, m(open), nil, 0, "", "", 6},
			{6, m(open), nil, 0, "", "", 7},
			{7, m(open), nil, 0, "", "m taken back", 0},
		}},
		"taken back is three lists in a row": {rules, map[string]float64{"m": 0}, []poll{
			{1, m(open), nil, 0, "", "", 2},
			{2, m(open), nil, 0, "", "", 3},
			{3, m(), known(1), 0, "m", "m 1 connection", 6},
			{8, m(open), nil, 0, "", "", 9},
			{9, m(open), nil, 0, "", "", 10},
			{10, m(thin), nil, 0, "", "m unknown: its row on the list is incomplete, host ok", 15},
			{15, m(open), nil, 0, "", "", 16},
			{16, m(open), nil, 0, "", "", 17},
			{17, m(open), nil, 0, "", "m taken back", 0},
		}},
		"a list that asks nothing ends the row too": {rules, map[string]float64{"m": 0}, []poll{
			{1, m(open), nil, 0, "", "", 2},
			{2, m(open), nil, 0, "", "", 3},
			{2.5, m(), nil, 0, "", "", 3},
			{3, m(open), nil, 0, "", "", 4},
			{3.2, m(state("stopped"), autostarts), nil, 0, "", "", 13.2},
			{4, m(open), nil, 0, "", "", 5},
			{5, m(open), nil, 0, "", "", 6},
			{6, m(open), nil, 0, "", "m taken back", 0},
		}},
		"the settle time is from the last cordon": {rules, map[string]float64{"m": 0}, []poll{
			{1, m(), known(0), 0, "m", "m 0 connections", 10},
			{10, m(), known(0), 0, "m", "", 12},
			{12, m(open), nil, 0, "", "", 13},
			{13, m(), known(0), 0, "m", "", 23},
			{23, m(), known(0), 0, "m", "", 25},
			{25, m(), known(0), 0, "m", "m idle", 0},
		}},
		"stopped": {rules, nil, []poll{
			{0, m(state("stopped")), nil, 0, "", "m idle", 0},
		}},
		"suspended": {rules, nil, []poll{
			{0, m(state("suspended")), nil, 0, "", "m idle", 0},
		}},
		"stopped, and a proxy may start it": {rules, nil, []poll{
			{0, m(state("stopped"), autostarts), nil, 0, "", "", 10},
			{10, m(state("stopped"), autostarts), nil, 0, "", "m idle", 0},
		}},
		"stopped between two readings, and started again": {rules, map[string]float64{"m": -8}, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{1, m(state("stopped"), autostarts), nil, 0, "", "", 2},
			{2, m(), known(0), 0, "m", "", 4},
			{4, m(), known(0), 0, "m", "m idle", 0},
		}},
		"created, and never ran": {rules, nil, []poll{{0, m(state("created")), nil, 0, "", "m idle", 0}}},
		"failed":                 {rules, nil, []poll{{0, m(state("failed")), nil, 0, "", "m idle", 0}}},
		"never launched":         {rules, nil, []poll{{0, m(state("launch_failed")), nil, 0, "", "m idle", 0}}},
		"created, and a proxy may start it": {rules, nil, []poll{
			{0, m(state("created"), autostarts), nil, 0, "", "", 10},
		}},
		"starting": {rules, nil, []poll{
			{0, m(state("starting")), known(0), 0, "m", "m 0 connections", 10},
		}},
		"it runs, and a proxy may start it": {rules, nil, []poll{
			{0, m(autostarts), known(1), 0, "m", "m 1 connection", 5},
		}},
		"a worker without a probe": {rules, nil, []poll{
			{0, m(worker), nil, 0, "", "m idle", 0},
		}},
		"a worker with a probe": {with(func(w *Watch) { w.Workers = true }), given, []poll{
			{0, m(worker), known(3), 0, "m", "m 3 connections", 5},
		}},
		"an incomplete row says nothing": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, m(thin), nil, 0, "", "m unknown: its row on the list is incomplete, host ok", 5},
			{5, m(thin, open), nil, 0, "", "", 15},
			{15, m(thin, unmanaged, state("stopped")), nil, 0, "", "", 35},
			{37, m(), known(0), 0, "m", "m 0 connections", 39},
			{39, m(), known(0), 0, "m", "m idle", 0},
		}},
		"an incomplete row does not show a cordon": {rules, nil, []poll{
			{0, m(thin, host("unreachable")), nil, 0, "", "m unknown: its row on the list is incomplete, host unreachable", 5},
			{20, m(), known(0), 0, "m", "m 0 connections", 30},
		}},
		"missing for 10 s, and on three lists": {rules, nil, []poll{
			{0, m(), known(1), 0, "m", "m 1 connection", 5},
			{5, other(), nil, 0, "", "", 6},
			{6, other(), nil, 0, "", "", 7},
			{14.9, other(), nil, 0, "", "", 15.9},
			{15, other(), nil, 0, "", "m gone", 0},
		}},
		"missing for 10 s, and on two lists": {rules, nil, []poll{
			{0, m(), known(1), 0, "m", "m 1 connection", 5},
			{5, other(), nil, 0, "", "", 6},
			{20, other(), nil, 0, "", "", 21},
			{21, other(), nil, 0, "", "m gone", 0},
		}},
		"missing, and back": {rules, nil, []poll{
			{0, m(), known(1), 0, "m", "m 1 connection", 5},
			{5, other(), nil, 0, "", "", 6},
			{6, other(), nil, 0, "", "", 7},
			{7, m(), known(1), 0, "m", "", 15},
			{17, other(), nil, 0, "", "", 18},
			{18, other(), nil, 0, "", "", 19},
			{27, other(), nil, 0, "", "m gone", 0},
		}},
		"missing, and shown uncordoned": {rules, map[string]float64{"m": 0}, []poll{
			{1, other(), nil, 0, "", "", 2},
			{2, other(), nil, 0, "", "", 3},
			{3, m(open), nil, 0, "", "", 4},
			{20, other(), nil, 0, "", "", 21},
		}},
		"missing between two readings": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{1, other(), nil, 0, "", "", 2},
			{2, m(), known(0), 0, "m", "", 4},
			{4, m(), known(0), 0, "m", "m idle", 0},
		}},
		"missing with its region": {rules, nil, []poll{
			{0, m(in("lhr")), known(1), 0, "m", "m 1 connection", 5},
			{5, other(), nil, 0, "", "", 6},
			{6, other(), nil, 0, "", "", 7},
			{604, other(), nil, 0, "", "", 605},
			{605, other(), nil, 0, "", "m gone", 0},
		}},
		"never listed": {rules, nil, []poll{
			{0, other(), nil, 0, "", "", 1},
			{1, other(), nil, 0, "", "", 2},
			{10, other(), nil, 0, "", "m gone", 0},
		}},
	})
}
