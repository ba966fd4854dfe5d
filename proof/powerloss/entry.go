package powerloss

import (
	"io/fs"
	"slices"
	"time"
)

// slot is a place for a name.
type slot struct {
	dir  *inode
	name string
}

// entryChange is a change of directory entries that happens as a whole: making, linking, removing or renaming one inode.
type entryChange struct {
	moment uint64
	about  *inode
	from   slot // the name that goes; dir is nil when it gets one more
	to     slot // the name that comes; dir is nil when one is removed
}

func (c entryChange) slots() []slot {
	return slices.DeleteFunc([]slot{c.from, c.to}, func(s slot) bool { return s.dir == nil })
}

func (c entryChange) apply(names func(dir *inode) map[string]*inode) {
	if c.from.dir != nil {
		delete(names(c.from.dir), c.from.name)
	}
	if c.to.dir != nil {
		names(c.to.dir)[c.to.name] = c.about
	}
}

func namesNow(dir *inode) map[string]*inode  { return dir.nowNames }
func namesSafe(dir *inode) map[string]*inode { return dir.safeNames }

func (d *disk) changeEntry(c entryChange) {
	c.moment = d.tick()
	if c.to.dir != nil {
		if replaced := c.to.dir.nowNames[c.to.name]; replaced != nil {
			replaced.links--
		}
	}
	c.apply(namesNow)
	if c.from.dir != nil {
		c.about.links--
	}
	if c.to.dir != nil {
		c.about.links++
	}
	for _, s := range c.slots() {
		s.dir.modified = time.Now()
	}
	d.entries = append(d.entries, c)
}

func (d *disk) create(at slot, kind, perm fs.FileMode) (*inode, error) {
	x := d.newInode(kind, perm)
	return x, d.link(x, at)
}

func (d *disk) link(x *inode, at slot) error {
	switch {
	case at.dir.nowNames[at.name] != nil:
		return errExist
	case at.dir.links == 0:
		return errNotExist
	}
	d.changeEntry(entryChange{about: x, to: at})
	return nil
}

func (d *disk) remove(from slot) error {
	x := from.dir.nowNames[from.name]
	switch {
	case x == nil:
		return errNotExist
	case len(x.nowNames) > 0:
		return errNotEmpty
	}
	d.changeEntry(entryChange{about: x, from: from})
	return nil
}

func (d *disk) rename(from, to slot) error {
	x, replaced := from.dir.nowNames[from.name], to.dir.nowNames[to.name]
	switch {
	case x == nil:
		return errNotExist
	case x == replaced:
		return nil
	case replaced != nil && len(replaced.nowNames) > 0:
		return errNotEmpty
	}
	d.changeEntry(entryChange{about: x, from: from, to: to})
	return nil
}

// syncEntries makes safe how x is found, the names in it if it is a folder, and every earlier change that one of these
// rests on.
func (d *disk) syncEntries(x *inode) {
	if len(d.entries) == 0 {
		return
	}
	inodes, slots := map[*inode]bool{x: true}, map[slot]bool{}
	d.root.leadsTo(x, inodes)
	keep := make([]bool, len(d.entries))
	for i, c := range slices.Backward(d.entries) {
		keep[i] = inodes[c.about]
		for _, s := range c.slots() {
			keep[i] = keep[i] || slots[s] || s.dir == x
		}
		if !keep[i] {
			continue
		}
		inodes[c.about] = true
		for _, s := range c.slots() {
			slots[s], inodes[s.dir] = true, true
		}
	}
	rest := d.entries[:0]
	for i, c := range d.entries {
		if keep[i] {
			c.apply(namesSafe)
		} else {
			rest = append(rest, c)
		}
	}
	clear(d.entries[len(rest):])
	d.entries = rest
}

// leadsTo adds the folders on the ways from dir to x.
func (dir *inode) leadsTo(x *inode, found map[*inode]bool) (leads bool) {
	for _, child := range dir.nowNames {
		if child == x || child.leadsTo(x, found) {
			leads, found[dir] = true, true
		}
	}
	return leads
}
