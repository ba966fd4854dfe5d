package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Little of the heap is in use for long, and a tenth of the processor's time went into collecting it: it may grow to
// four times what is in use. But not beyond smallHeap while that is enough: the dead buffers of a few password hashes,
// 19 MiB each, would lie about otherwise.
const (
	heapGrowth = 300
	smallHeap  = 64 << 20
	roomFactor = 2 // a server whose heap in use is large, for it has many carriers or accounts, may have so many times that
)

// tuneMemory sets what GOGC and GOMEMLIMIT do not say.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	limitHeap(0)
}

func limitHeap(inUse uint64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(smallHeap, roomFactor*int64(inUse)))
	}
}

// keepMemoryLow lets the limit follow what is in use: a limit below it would keep the collector busy for nothing.
func keepMemoryLow(ctx context.Context) error {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			metrics.Read(sample)
			limitHeap(sample[0].Value.Uint64())
		}
	}
}
