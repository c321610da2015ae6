require "sinatra/base"

class Sample < Sinatra::Base
  get("/") { "served by Sinatra" }
  get("/version") { RUBY_VERSION }
end

run Sample
