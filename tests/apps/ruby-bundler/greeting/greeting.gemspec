Gem::Specification.new do |gem|
  gem.name = "greeting"
  gem.version = "1.0"
  gem.summary = "Stands for a gem of somebody else"
  gem.authors = ["somebody"]
  gem.files = ["lib/greeting.rb"]
end
