// A workload as the file that it is.

package process

import (
	"bytes"
	"encoding/json"

	"slipway"
)

// Read understands the file in the deployment folder; a key that is not known is refused, so that nothing that people wrote is
// passed over in silence. Its maps are never nil.
func Read(file string, content []byte) (Process, error) {
	process, err := slipway.Decode[Process](content)
	if err != nil {
		return Process{}, slipway.Invalidf("%s is not a workload `process`: %v", file, err)
	}
	if process.Kind != Kind {
		return Process{}, slipway.Unsupportedf("%s is a workload `%s`, not `process`", file, process.Kind)
	}
	if process.Env == nil {
		process.Env = map[string]string{}
	}
	if process.Ports == nil {
		process.Ports = map[string]Port{}
	}
	return process, nil
}

// Content of the file, for people to read. The same process gives the same bytes.
func (p Process) Content() ([]byte, error) {
	if p.Command == nil {
		p.Command = []string{}
	}
	line, err := slipway.Encode(p)
	if err != nil {
		return nil, slipway.Failedf("the workload cannot be written: %v", err)
	}
	var content bytes.Buffer
	err = json.Indent(&content, line, "", "  ")
	return content.Bytes(), err
}
