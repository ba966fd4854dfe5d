package powerloss

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// Mode says what may survive of that which was not synced.
type Mode int

const (
	// Lost: nothing survives.
	Lost Mode = iota
	// Prefix: everything up to some moment survives, of the last write only the first sectors.
	Prefix
	// Sectors: each sector of 512 octets of each write survives or not; of the entries, all up to some moment.
	Sectors
	// Pages: like Sectors, with pages of 4,096 octets.
	Pages
)

// Modes are all there are.
func Modes() []Mode { return []Mode{Lost, Prefix, Sectors, Pages} }

// String is the name of the mode.
func (m Mode) String() string {
	return [...]string{"lost", "prefix", "sectors", "pages"}[m]
}

// unit is what a disk writes as a whole.
func (m Mode) unit() int {
	if m == Pages {
		return 4096
	}
	return 512
}

// Loss is what a power loss found that was not synced, and what survived of it nevertheless.
type Loss struct {
	Writes, Octets, OctetsSurvived  int
	Entries, EntriesSurvived        int
	LengthsChanged, LengthsSurvived int
	Files                           int // with at least one write that was not synced
}

// String is one line for a log.
func (l Loss) String() string {
	return fmt.Sprintf("not synced: %d octets in %d writes to %d files (%d octets survived), %d lengths (%d), %d entries (%d)",
		l.Octets, l.Writes, l.Files, l.OctetsSurvived, l.LengthsChanged, l.LengthsSurvived, l.Entries, l.EntriesSurvived)
}

// cut drops what is not safe, but for what chance lets survive. The same disk and seed give the same rest.
func (d *disk) cut(seed uint64, mode Mode) Loss {
	c := &cutter{disk: d, mode: mode, chance: rand.New(rand.NewPCG(seed, uint64(mode)))}
	c.likely = c.chance.Float64()
	c.choose()
	c.keepEntries()
	files := slices.SortedFunc(maps.Keys(d.writes), func(a, b *inode) int { return cmp.Compare(a.number, b.number) })
	c.loss.Files = len(files)
	for _, x := range files {
		c.keepWrites(x)
	}
	d.forget()
	return c.loss
}

type cutter struct {
	disk   *disk
	mode   Mode
	chance *rand.Rand
	likely float64 // that a sector survives
	until  uint64  // changes after this moment are lost, if order counts for them
	loss   Loss
}

// choose picks the moment up to which changes survive that survive in order.
func (c *cutter) choose() {
	var moments []uint64
	for _, e := range c.disk.entries {
		moments = append(moments, e.moment)
	}
	for _, writes := range c.disk.writes {
		for _, w := range writes {
			moments = append(moments, w.moment)
		}
	}
	slices.Sort(moments)
	if n := c.chance.IntN(len(moments) + 1); c.mode != Lost && n > 0 {
		c.until = moments[n-1]
	}
}

func (c *cutter) keepEntries() {
	c.loss.Entries = len(c.disk.entries)
	for _, e := range c.disk.entries {
		if e.moment <= c.until {
			e.apply(namesSafe)
			c.loss.EntriesSurvived++
		}
	}
}

func (c *cutter) keepWrites(x *inode) {
	shortened := false // by a change that is lost: what was written after it lay in blocks that were never taken
	for _, w := range c.disk.writes[x] {
		if w.resize {
			c.loss.LengthsChanged++
			if shortened = shortened || w.moment > c.until; !shortened {
				x.safe = w.apply(x.safe, 0, 0)
				c.loss.LengthsSurvived++
			}
			continue
		}
		c.loss.Writes++
		c.loss.Octets += len(w.data)
		if !shortened {
			c.keepParts(x, w)
		}
	}
}

// keepParts does to a file what survives of one write.
func (c *cutter) keepParts(x *inode, w write) {
	torn := c.mode == Prefix && w.moment == c.until
	for from := 0; from < len(w.data); {
		to := min(len(w.data), from+c.mode.unit()-(w.offset+from)%c.mode.unit())
		if torn && c.chance.IntN(4) == 0 {
			return
		}
		if c.survives(w) {
			x.safe = w.apply(x.safe, from, to)
			c.loss.OctetsSurvived += to - from
		}
		from = to
	}
}

func (c *cutter) survives(w write) bool {
	switch c.mode {
	case Prefix:
		return w.moment <= c.until
	case Sectors, Pages:
		return c.chance.Float64() < c.likely
	default:
		return false
	}
}
