module Greeting
  def self.from(name) = "served by #{name}"
end
