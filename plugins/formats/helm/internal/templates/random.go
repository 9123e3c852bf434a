// Functions that throw dice, and the dice.

package templates

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"text/template"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// printable is what sprig's randAscii takes from: 32 to 126.
	firstPrintable, lastPrintable = 32, 126
)

// Dice throws the same numbers for the same seed, in the order of the throws: the engine renders templates in one
// order, always. Anybody who knows the seed knows them.
type Dice struct {
	key   []byte
	block [sha256.Size]byte
	count uint64
	left  int
}

// NewDice makes them of the words that decide what is thrown.
func NewDice(words ...string) *Dice {
	hash := sha256.New()
	for _, word := range words {
		// With its length, so that no two lists of words are one text.
		fmt.Fprintf(hash, "%d:%s", len(word), word)
	}
	return &Dice{key: hash.Sum(nil)}
}

func (d *Dice) byte() byte {
	if d.left == 0 {
		mac := hmac.New(sha256.New, d.key)
		var counter [8]byte
		binary.BigEndian.PutUint64(counter[:], d.count)
		mac.Write(counter[:])
		mac.Sum(d.block[:0])
		d.count++
		d.left = len(d.block)
	}
	d.left--
	return d.block[d.left]
}

// below gives a number from 0 to n-1, each as likely.
func (d *Dice) below(n uint64) uint64 {
	limit := (1<<64 - 1) / n * n
	for {
		var thrown uint64
		for range 8 {
			thrown = thrown<<8 | uint64(d.byte())
		}
		if thrown < limit {
			return thrown % n
		}
	}
}

func (d *Dice) text(length int, alphabet string) string {
	text := make([]byte, length)
	for at := range text {
		text[at] = alphabet[d.below(uint64(len(alphabet)))]
	}
	return string(text)
}

// random has the functions that throw dice; without dice they are refused.
func random(dice *Dice) template.FuncMap {
	text := func(name, alphabet string) func(int) (string, error) {
		return func(length int) (string, error) {
			if dice == nil {
				return "", refuse(name, askSeed)
			}
			if err := within(name, length, maxText); err != nil {
				return "", err
			}
			return dice.text(length, alphabet), nil
		}
	}
	printable := make([]byte, 0, lastPrintable-firstPrintable+1)
	for letter := byte(firstPrintable); letter <= lastPrintable; letter++ {
		printable = append(printable, letter)
	}
	return template.FuncMap{
		"randAlphaNum": text("randAlphaNum", letters+digits),
		"randAlpha":    text("randAlpha", letters),
		"randNumeric":  text("randNumeric", digits),
		"randAscii":    text("randAscii", string(printable)),
		"randBytes": func(length int) (string, error) {
			if dice == nil {
				return "", refuse("randBytes", askSeed)
			}
			if err := within("randBytes", length, maxText); err != nil {
				return "", err
			}
			thrown := make([]byte, length)
			for at := range thrown {
				thrown[at] = dice.byte()
			}
			return base64.StdEncoding.EncodeToString(thrown), nil
		},
		"randInt": func(low, high int) (int, error) {
			if dice == nil {
				return 0, refuse("randInt", askSeed)
			}
			if high <= low {
				return 0, fmt.Errorf("randInt: %d is not above %d", high, low)
			}
			return low + int(dice.below(uint64(high-low))), nil
		},
		"shuffle": func(text string) (string, error) {
			if dice == nil {
				return "", refuse("shuffle", askSeed)
			}
			shuffled := []rune(text)
			for at := len(shuffled) - 1; at > 0; at-- {
				other := dice.below(uint64(at + 1))
				shuffled[at], shuffled[other] = shuffled[other], shuffled[at]
			}
			return string(shuffled), nil
		},
		"uuidv4": func() (string, error) {
			if dice == nil {
				return "", refuse("uuidv4", askSeed)
			}
			var id [16]byte
			for at := range id {
				id[at] = dice.byte()
			}
			id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
			return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
		},
	}
}
