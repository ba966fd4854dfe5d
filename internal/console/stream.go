package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

// The streams of server-sent events: one for each page that is looked at.
const (
	streamEvery   = 2 * time.Second  // between two looks for what has changed
	streamShare   = 20               // of the time a look may take one part in so many: many streams look less often
	streamsAtOnce = 2                // that look at the same time
	streamAlive   = 20 * time.Second // after which a stream without news says that it is there
	streamPatient = 20 * time.Second // that a browser may take to read
	streamsMost   = 500
	streamsEach   = 6 // of one person
)

// streams are those that are open.
type streams struct {
	ended context.Context // when the server stops
	end   context.CancelFunc
	turns chan struct{}

	mu    sync.Mutex
	count int
	each  map[sms.PersonID]int
}

func newStreams() *streams {
	s := &streams{turns: make(chan struct{}, streamsAtOnce), each: map[sms.PersonID]int{}}
	s.ended, s.end = context.WithCancel(context.Background())
	return s
}

// enter counts a stream in; false: there are too many.
func (s *streams) enter(person sms.PersonID) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count >= streamsMost || s.each[person] >= streamsEach || s.ended.Err() != nil {
		return nil, false
	}
	s.count++
	s.each[person]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count--
		if s.each[person]--; s.each[person] == 0 {
			delete(s.each, person)
		}
	}, true
}

// EndStreams ends what would keep the server from stopping: pages that listen for news.
func (c *Console) EndStreams() { c.streams.end() }

// stream sends parts of a page whenever they have changed, until the browser goes, the session ends or the server stops.
func (c *Console) stream(w http.ResponseWriter, p *page, look func(context.Context) ([]templates.LivePart, error)) error {
	leave, ok := c.streams.enter(p.session.Person.ID)
	if !ok {
		return &sms.Error{Code: sms.Unavailable, Message: "too many pages are open that show news; this one shows none", RetryAfter: time.Minute}
	}
	defer leave()
	ctx, cancel := context.WithCancel(p.request.Context())
	defer cancel()
	defer context.AfterFunc(c.streams.ended, cancel)()
	s := &stream{console: c, page: p, w: w, control: http.NewResponseController(w), sent: map[string]string{}}
	if err := s.begin(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		took, err := s.round(ctx, look)
		if err != nil {
			break // the browser comes again, and hears why
		}
		pauseFor(ctx, max(streamEvery, streamShare*took))
	}
	return nil
}

func pauseFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// stream is one of them.
type stream struct {
	console *Console
	page    *page
	w       http.ResponseWriter
	control *http.ResponseController
	sent    map[string]string // by id, what the browser has
	last    time.Time         // something was written
}

// begin answers, and lifts the limits that the server has for ordinary requests.
func (s *stream) begin() error {
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers answers would keep the news
	return s.write("retry: 5000\n\n")
}

// write sends something at once.
func (s *stream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(streamPatient)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	s.last = time.Now()
	return s.control.Flush()
}

// round looks once, and sends what is new. It answers how long that took, the wait for its turn included.
func (s *stream) round(ctx context.Context, look func(context.Context) ([]templates.LivePart, error)) (time.Duration, error) {
	started := time.Now()
	if err := s.stands(ctx); err != nil {
		_ = s.write("event: end\ndata: {}\n\n") // it is about to end in any case
		return 0, err
	}
	select {
	case s.console.streams.turns <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	news, err := s.news(ctx, look)
	<-s.console.streams.turns
	if err != nil {
		return 0, err
	}
	took := time.Since(started)
	switch {
	case len(news) > 0:
		packed, err := json.Marshal(news)
		if err != nil {
			return took, err
		}
		return took, s.write("data: " + string(packed) + "\n\n")
	case time.Since(s.last) >= streamAlive:
		return took, s.write(": no news\n\n")
	}
	return took, nil
}

// stands answers nil while the session is good and works where it did. It does not count as using the session.
func (s *stream) stands(ctx context.Context) error {
	now, err := s.console.parts.Sessions.Peek(ctx, cookieOf(s.page.request, sessionCookie))
	if err != nil {
		return err
	}
	if now.Account() != s.page.session.Account() || !may(now, s.page.route.needs) {
		return errSignedIn
	}
	return nil
}

// news are the parts that differ from what the browser has, by id.
func (s *stream) news(ctx context.Context, look func(context.Context) ([]templates.LivePart, error)) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	parts, err := look(ctx)
	if err != nil {
		return nil, err
	}
	news := map[string]string{}
	for _, part := range parts {
		var body bytes.Buffer
		if err := part.Content.Render(ctx, &body); err != nil {
			return nil, err
		}
		if html := body.String(); s.sent[part.ID] != html {
			s.sent[part.ID], news[part.ID] = html, html
		}
	}
	return news, nil
}
