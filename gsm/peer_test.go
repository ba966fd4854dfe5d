package gsm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/peertest"
)

// The peer: a calculator of segments by other authors.
const (
	peerPackage = "sms-segments-calculator"
	peerVersion = "1.3.0"
	peerTexts   = 10_000
)

// peerAnswer is what the peer says of a text. Its graphemes are the lengths in UTF-16 units of what it never cuts.
type peerAnswer struct {
	encoding     string
	units, parts int
	graphemes    []int
}

// UnmarshalJSON reads the array that testdata/segments.mjs writes.
func (a *peerAnswer) UnmarshalJSON(line []byte) error {
	return json.Unmarshal(line, &[]any{&a.encoding, &a.units, &a.parts, &a.graphemes})
}

// Encoding and units must agree on every text, without exception.
//
// The number of parts may differ for one reason only. TS 23.040 §9.2.3.24.1 joins the parts again before anything is
// shown, so a seam may stand anywhere between two characters; TS 23.038 §6.2.1 forbids it only inside an escape pair,
// and UTF-16 inside a surrogate pair. The peer also keeps a grapheme whole (an emoji family, a letter with its
// combining accent), leaves room at the seam, and so can need more parts, never fewer. Every difference is recomputed
// from its own graphemes; whatever that does not give to the unit fails the test.
func TestPeer_segments_calculator(t *testing.T) {
	texts := peerCorpus()
	answers := askPeer(t, texts)
	seen := map[string]int{}
	for i, text := range texts {
		kind, err := comparePeer(text, answers[i])
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		seen[kind]++
	}
	t.Logf("%d texts: %v", len(texts), seen)
	for _, kind := range []string{"GSM-7, 1 part", "GSM-7, several parts", "UCS-2, 1 part", "UCS-2, several parts", graphemeSeam} {
		if seen[kind] < 50 {
			t.Errorf("only %d texts of the kind %q: the comparison says little", seen[kind], kind)
		}
	}
}

const graphemeSeam = "the peer keeps a grapheme whole"

// comparePeer returns the kind of a text on which both agree, or whose difference is explained.
func comparePeer(text string, peer peerAnswer) (string, error) {
	encoding, units, parts := Count(text)
	if encoding.String() != peer.encoding || units != peer.units {
		return "", fmt.Errorf("%s %d units, the peer says %s %d", encoding, units, peer.encoding, peer.units)
	}
	if len(Split(text, 1)) != parts {
		return "", fmt.Errorf("%d segments, counted %d", len(Split(text, 1)), parts)
	}
	if parts == peer.parts {
		if parts > 1 {
			return encoding.String() + ", several parts", nil
		}
		return encoding.String() + ", 1 part", nil
	}
	if encoding != UCS2 || peer.parts < parts {
		return "", fmt.Errorf("%s %d parts, the peer says %d", encoding, parts, peer.parts)
	}
	if want := partsOf(peer.graphemes); want != peer.parts {
		return "", fmt.Errorf("%d parts, the peer says %d, whole graphemes would give %d", parts, peer.parts, want)
	}
	if want := partsOf(characterWidths(text)); want != parts {
		return "", fmt.Errorf("%d parts, whole characters would give %d", parts, want)
	}
	return graphemeSeam, nil
}

// partsOf fills parts of 67 units with pieces that are never cut: the rule of both sides, written once more.
func partsOf(pieces []int) int {
	parts, filled := 1, 0
	for _, piece := range pieces {
		if filled+piece > 67 {
			parts++
			filled = 0
		}
		filled += piece
	}
	return parts
}

func characterWidths(text string) (widths []int) {
	for _, character := range text {
		widths = append(widths, 1+utf8.RuneLen(character)/4)
	}
	return widths
}

// peerCorpus makes the texts, the same ones on every run.
func peerCorpus() []string {
	random := rand.New(rand.NewPCG(23038, 23040))
	texts := make([]string, peerTexts)
	for i := range texts {
		texts[i] = peerText(random)
	}
	return texts
}

// peerText mixes one to three alphabets, with weights that differ from text to text; half of the lengths are near
// the limits of one and two parts.
func peerText(random *rand.Rand) string {
	chosen := make([][]string, 1+random.IntN(3))
	for i := range chosen {
		chosen[i] = peerAlphabets[random.IntN(len(peerAlphabets))]
	}
	length := random.IntN(420)
	if random.IntN(2) == 0 {
		limits := []int{67, 70, 134, 153, 160, 201, 306}
		length = limits[random.IntN(len(limits))] - 4 + random.IntN(9)
	}
	rare := 1 + random.IntN(20)
	var text strings.Builder
	for filled := 0; filled < length; {
		alphabet := chosen[0]
		if random.IntN(rare) == 0 {
			alphabet = chosen[random.IntN(len(chosen))]
		}
		piece := alphabet[random.IntN(len(alphabet))]
		text.WriteString(piece)
		filled += Characters(piece)
	}
	return text.String()
}

var peerAlphabets = [][]string{
	strings.Split("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789.,;:!?'\"()+-/%&*=<>@#", ""),
	strings.Split(wholeAlphabet, ""),
	strings.Split("abc "+wholeExtension+wholeExtension, ""),
	{"\r\n", "\n", "\r", "a", " ", "\f"},
	strings.Split("áâãçêëíîïóôõúûýÿÀÂÈÊÌÒÙŠšŽžŁłőűğışĞİŞ“”‘’–—…\u00A0`\t", ""),
	strings.Split("абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗ ", ""),
	strings.Split("αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔ ", ""),
	strings.Split("日本語中文字符한국어العربيةעברית", ""),
	{"😀", "🎉", "🚀", "❤", "𝒳", "𠮷"},
	{"👩‍👩‍👧‍👦", "👨‍💻", "🏳️‍🌈", "❤️", "👍🏽", "🇮🇹", "🇺🇦", "1️⃣"},
	{"e\u0301", "a\u0308", "o\u0302\u0301", "n\u0303", "ก\u0E33", "न\u092E\u0938\u094D\u0924\u0947", "\u1112\u1161\u11AB"},
}

// askPeer runs one Node.js process over all texts.
func askPeer(t *testing.T, texts []string) []peerAnswer {
	t.Helper()
	folder := peertest.NodePackage(t, peerPackage, peerVersion)
	var input bytes.Buffer
	encoder := json.NewEncoder(&input)
	for _, text := range texts {
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "segments.mjs"), folder)
	node.Stdin = &input
	var stderr bytes.Buffer
	node.Stderr = &stderr
	output, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	var answers []peerAnswer
	for lines := bufio.NewReader(bytes.NewReader(output)); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var answer peerAnswer
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		answers = append(answers, answer)
	}
	if len(answers) != len(texts) {
		t.Fatalf("%d answers for %d texts\n%s", len(answers), len(texts), stderr.Bytes())
	}
	return answers
}
