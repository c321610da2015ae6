// Package greeting stands for a module of somebody else.
package greeting

// From says who serves.
func From(name string) string {
	return "served by " + name
}
